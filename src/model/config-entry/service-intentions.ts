import {
  block,
  boolean,
  integer,
  list,
  object,
  optional,
  string,
  stringMap,
  strings,
} from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { meta } from "./meta.ts";

export const permissionHeader = object("Header of a permission", "Exactly one way to match.", {
  Name: string("The header's name."),
  Present: boolean("It is there, whatever it says."),
  Exact: string("Its whole value."),
  Prefix: string("The beginning of its value."),
  Suffix: string("The end of its value."),
  Contains: string("A part of its value."),
  Regex: string("A pattern of its whole value, in RE2's syntax."),
  Invert: boolean(
    "Match where this does not hold. A header that is not there matches nothing but an inverted Present.",
  ),
  IgnoreCase: boolean("Upper and lower case are alike; not with Present or Regex."),
});

export type PermissionHeader = Value<typeof permissionHeader>;

export const permissionHttp = object("HTTP of a permission", "All that is given must hold.", {
  PathExact: string("The whole path, without its query."),
  PathPrefix: string("The beginning of the path."),
  PathRegex: string("A pattern of the whole path, in RE2's syntax."),
  Header: list(permissionHeader, "Headers, all of which must match."),
  Methods: strings("The methods, any of which matches; all if none is given."),
});

export type PermissionHttp = Value<typeof permissionHttp>;

export const intentionClaim = object("VerifyClaims", "What a token must say.", {
  Path: strings("Where it says it: the keys from the outermost to the claim."),
  Value: string("What it must say there."),
});

export const intentionProvider = object("Provider of an intention", "Whose token, and what it must say.", {
  Name: string("A jwt-provider."),
  VerifyClaims: list(intentionClaim, "What the token must say, all of it."),
});

export type IntentionProvider = Value<typeof intentionProvider>;

export const intentionJwt = object(
  "JWT of an intention",
  "Requests must bring a valid token of one of these. It is asked of those that would be allowed; who is denied stays so.",
  { Providers: list(intentionProvider, "The providers, any of which suffices.") },
);

export type IntentionJwt = Value<typeof intentionJwt>;

export const permission = object("Permission", "Some requests, and whether they may pass.", {
  Action: string("`allow` or `deny`.", { oneOf: ["allow", "deny"] }),
  HTTP: optional(permissionHttp, "Which requests; all if not set."),
  JWT: optional(intentionJwt, "What else these requests need, to be allowed."),
});

export type Permission = Value<typeof permission>;

const legacy = "Of the interface that Consul had before config entries.";

export const sourceIntention = object("source", "One source, and whether it may.", {
  Name: string("A service, or `*` for every service."),
  Peer: string("The peer that it is a service of; none for the own cluster."),
  Action: string("`allow` or `deny`; not with `Permissions`.", { oneOf: ["", "allow", "deny"] }),
  Permissions: list(
    permission,
    "For single requests: the first that matches decides; what none matches, the default policy does.",
  ),
  Precedence: integer("Computed: which intention decides where several match. Ignored when written."),
  Type: string("Always `consul`.", { default: "consul", oneOf: ["consul"] }),
  Description: string("For people.", { maxLength: 512 }),
  LegacyID: string(legacy),
  LegacyMeta: stringMap("Facts for people and programs, of this source alone."),
  LegacyCreateTime: string(legacy),
  LegacyUpdateTime: string(legacy),
});

export type SourceIntention = Value<typeof sourceIntention>;

export const serviceIntentions = object("service-intentions", "Who may reach a service.", {
  Kind: string("", { oneOf: ["service-intentions"] }),
  Name: string("The destination, or `*` for every service."),
  JWT: optional(intentionJwt),
  Sources: list(sourceIntention, "The sources, each once.", { hcl: block("sources") }),
  Meta: meta,
});

export type ServiceIntentions = Value<typeof serviceIntentions>;
