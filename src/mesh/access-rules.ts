import type { IntentionJwt, Permission, PermissionHttp } from "#model/config-entry/service-intentions.ts";
import { covers, type DefaultPolicy, type Intention, type Source } from "./intentions.ts";

/** What must hold of a request. */
export type Condition =
  | { readonly kind: "always" }
  | { readonly kind: "http"; readonly http: PermissionHttp }
  | { readonly kind: "token"; readonly jwt: IntentionJwt }
  | { readonly kind: "not"; readonly condition: Condition }
  | { readonly kind: "all"; readonly conditions: readonly Condition[] };

/** Sources that a rule names, less those that a rule before it has already decided. */
export interface SourceRule {
  readonly source: Source;
  readonly except: readonly Source[];
  /** Any of them suffices for the action. */
  readonly conditions: readonly Condition[];
}

/** The requests whose treatment differs from the default policy: that is all that a proxy must be told. */
export interface AccessRules {
  readonly action: "allow" | "deny";
  readonly sources: readonly SourceRule[];
}

const always: Condition = { kind: "always" };

/**
 * Turns the intentions of one destination, in order of precedence, into rules that need no order.
 * `seesRequests`: whether its proxy speaks HTTP; otherwise what depends on single requests is denied.
 */
export function accessRules(
  intentions: readonly Intention[],
  defaultPolicy: DefaultPolicy,
  seesRequests: boolean,
): AccessRules {
  const action = defaultPolicy === "allow" ? "deny" : "allow";
  const deciding = intentions.filter(
    ({ source }, index) => !intentions.slice(0, index).some((before) => covers(before.source, source)),
  );
  const sources = deciding.map((intention, index) => ({
    source: intention.source,
    except: deciding
      .slice(0, index)
      .map(({ source }) => source)
      .filter((source) => covers(intention.source, source)),
    conditions: conditionsOf(seesRequests ? intention : withoutRequests(intention), action),
  }));
  return { action, sources: sources.filter(({ conditions }) => conditions.length > 0) };
}

/** On plain connections only what is allowed as a whole is allowed. */
function withoutRequests(intention: Intention): Intention {
  const allowed = intention.action === "allow" && intention.jwt === null;
  return { ...intention, action: allowed ? "allow" : "deny", permissions: [], jwt: null };
}

/** When an intention gives the result `action`. */
function conditionsOf({ action: own, permissions, jwt }: Intention, action: "allow" | "deny"): Condition[] {
  const steps: readonly Step[] =
    own === "" ? permissions.map(stepOf) : [{ matches: always, action: own, token: null }];
  const found = steps.flatMap((step, index) => {
    const others = steps
      .slice(0, index)
      .filter((before) => before.action !== action || before.token !== null);
    if (others.some(({ matches }) => matches.kind === "always")) return [];
    const outcome = outcomeOf(step, action);
    return outcome === null ? [] : [all(step.matches, ...others.map(({ matches }) => not(matches)), outcome)];
  });
  if (jwt === null) return found;
  const token: Condition = { kind: "token", jwt };
  if (action === "allow") return found.map((condition) => all(condition, token));
  return found.some(({ kind }) => kind === "always") ? found : [not(token), ...found];
}

/** A permission, or the whole of an intention without them. */
interface Step {
  readonly matches: Condition;
  readonly action: "allow" | "deny";
  readonly token: IntentionJwt | null;
}

/** A token is asked of who would be allowed; who is denied is so with any token. */
function stepOf({ Action, HTTP, JWT }: Permission): Step {
  return {
    matches: HTTP === null ? always : { kind: "http", http: HTTP },
    action: Action,
    token: Action === "allow" ? JWT : null,
  };
}

/** What else must hold for a step that matches to give `action`; null when it never does. */
function outcomeOf(step: Step, action: "allow" | "deny"): Condition | null {
  if (step.token === null) return step.action === action ? always : null;
  const token: Condition = { kind: "token", jwt: step.token };
  return step.action === action ? token : not(token);
}

function not(condition: Condition): Condition {
  return { kind: "not", condition };
}

function all(...conditions: readonly Condition[]): Condition {
  const flat = conditions.flatMap((condition) =>
    condition.kind === "all" ? condition.conditions : condition,
  );
  const telling = flat.filter(({ kind }) => kind !== "always");
  const [only = always] = telling;
  return telling.length <= 1 ? only : { kind: "all", conditions: telling };
}
