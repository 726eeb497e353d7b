import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PermissionSchema } from "#envoy/config/rbac/v3/rbac_pb.js";
import type { StringMatcherSchema } from "#envoy/type/matcher/v3/string_pb.js";
import type { Condition } from "#mesh/access-rules.ts";
import type {
  IntentionJwt,
  IntentionProvider,
  PermissionHeader,
  PermissionHttp,
} from "#model/config-entry/service-intentions.ts";
import { JWT_AUTHN, payloadKey } from "./access-tokens.ts";

type PermissionInit = MessageInitShape<typeof PermissionSchema>;
type StringMatch = MessageInitShape<typeof StringMatcherSchema>;

/** What must hold of a request, in the terms of Envoy's access rules. */
export function permission(condition: Condition): PermissionInit {
  switch (condition.kind) {
    case "always":
      return { rule: { case: "any", value: true } };
    case "http":
      return every(http(condition.http));
    case "token":
      return some(token(condition.jwt));
    case "not":
      return { rule: { case: "notRule", value: permission(condition.condition) } };
    case "all":
      return every(condition.conditions.map(permission));
  }
}

function http({ PathExact, PathPrefix, PathRegex, Header, Methods }: PermissionHttp): PermissionInit[] {
  return [
    ...(PathExact === "" ? [] : [path({ matchPattern: { case: "exact", value: PathExact } })]),
    ...(PathPrefix === "" ? [] : [path({ matchPattern: { case: "prefix", value: PathPrefix } })]),
    ...(PathRegex === "" ? [] : [path(pattern(PathRegex))]),
    ...Header.map(header),
    ...(Methods.length === 0 ? [] : [method(Methods)]),
  ];
}

function path(match: StringMatch): PermissionInit {
  return { rule: { case: "urlPath", value: { rule: { case: "path", value: match } } } };
}

function method(methods: readonly string[]): PermissionInit {
  const value = pattern(methods.map((name) => name.toUpperCase()).join("|"));
  return {
    rule: {
      case: "header",
      value: { name: ":method", headerMatchSpecifier: { case: "stringMatch", value } },
    },
  };
}

function header(rule: PermissionHeader): PermissionInit {
  const headerMatchSpecifier = rule.Present
    ? { case: "presentMatch" as const, value: true }
    : { case: "stringMatch" as const, value: text(rule) };
  return {
    rule: { case: "header", value: { name: rule.Name, headerMatchSpecifier, invertMatch: rule.Invert } },
  };
}

function text({ Exact, Prefix, Suffix, Contains, Regex, IgnoreCase }: PermissionHeader): StringMatch {
  if (Regex !== "") return pattern(Regex);
  const ignoreCase = IgnoreCase;
  if (Exact !== "") return { matchPattern: { case: "exact", value: Exact }, ignoreCase };
  if (Prefix !== "") return { matchPattern: { case: "prefix", value: Prefix }, ignoreCase };
  if (Suffix !== "") return { matchPattern: { case: "suffix", value: Suffix }, ignoreCase };
  return { matchPattern: { case: "contains", value: Contains }, ignoreCase };
}

function pattern(regex: string): StringMatch {
  return { matchPattern: { case: "safeRegex", value: { regex } } };
}

/** A token's content is there only once it was found to be valid. */
function token({ Providers }: IntentionJwt): PermissionInit[] {
  return Providers.map(({ Name, VerifyClaims }: IntentionProvider) =>
    every([
      claim([payloadKey(Name)], { case: "presentMatch", value: true }),
      ...VerifyClaims.map(({ Path, Value }) =>
        claim([payloadKey(Name), ...Path], {
          case: "stringMatch",
          value: { matchPattern: { case: "exact", value: Value } },
        }),
      ),
    ]),
  );
}

type ValueMatch =
  | { readonly case: "presentMatch"; readonly value: true }
  | { readonly case: "stringMatch"; readonly value: StringMatch };

function claim(keys: readonly string[], matchPattern: ValueMatch): PermissionInit {
  return {
    rule: {
      case: "metadata",
      value: {
        filter: JWT_AUTHN,
        path: keys.map((value) => ({ segment: { case: "key" as const, value } })),
        value: { matchPattern },
      },
    },
  };
}

function every(rules: readonly PermissionInit[]): PermissionInit {
  const [only] = rules;
  return rules.length === 1 && only ? only : { rule: { case: "andRules", value: { rules: [...rules] } } };
}

function some(rules: readonly PermissionInit[]): PermissionInit {
  const [only] = rules;
  return rules.length === 1 && only ? only : { rule: { case: "orRules", value: { rules: [...rules] } } };
}
