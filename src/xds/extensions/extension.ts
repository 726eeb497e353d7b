import { type Diagnostic, pathText } from "#model/diagnostic.ts";
import { canonical } from "#model/schema/canonical.ts";
import { check, type Rule } from "#model/schema/check.ts";
import { decode } from "#model/schema/decode.ts";
import type { ObjectSchema, Value } from "#model/schema/schema.ts";
import type { Resource } from "../resource.ts";
import type { ExtendedProxy, ReachedService } from "./extended-proxy.ts";

/** What an extension may look at beside the resources that it changes. */
export interface ExtensionContext {
  readonly proxy: ExtendedProxy;
  /** The service that asks its callers for the extension; null for one of the proxy's own. */
  readonly callee: ReachedService | null;
}

type Arguments = Readonly<Record<string, unknown>>;

/** One of Envoy's extensions, as Consul's users name it. */
export interface Extension {
  /** What is wrong with its arguments, whatever proxy they are for. */
  problems(args: Arguments): readonly Diagnostic[];
  /** Changes what a proxy holds. Throws an error, in words for the user, where that cannot be. */
  apply(resources: readonly Resource[], args: Arguments, context: ExtensionContext): readonly Resource[];
}

export interface ExtensionDefinition<S extends ObjectSchema> {
  readonly schema: S;
  readonly rules?: readonly Rule[];
  readonly apply: (
    resources: readonly Resource[],
    args: NonNullable<Value<S>>,
    context: ExtensionContext,
  ) => readonly Resource[];
}

/** An extension whose `ProxyType`, where its schema has one, is another than the proxy's changes nothing there. */
export function extension<S extends ObjectSchema>(definition: ExtensionDefinition<S>): Extension {
  const { schema, rules = [], apply } = definition;
  const read = (args: Arguments) => {
    const { value, problems } = decode(schema, args, { lenient: true });
    const whole = canonical(schema, value) as NonNullable<Value<S>>;
    return { whole, problems: problems.length > 0 ? problems : check(schema, whole, rules) };
  };
  return {
    problems: (args) => read(args).problems,
    apply: (resources, args, context) => {
      const { whole, problems } = read(args);
      const [problem] = problems;
      if (problem) throw new Error(`${pathText(problem.path ?? [])}: ${problem.detail}`);
      const wanted = "ProxyType" in whole ? whole["ProxyType"] : "";
      return wanted === "" || wanted === context.proxy.type ? apply(resources, whole, context) : resources;
    },
  };
}
