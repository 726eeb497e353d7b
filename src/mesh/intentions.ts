/** One rule of who may reach whom. `*` stands for every service. */
export interface Intention {
  readonly source: string;
  readonly destination: string;
  readonly action: "allow" | "deny";
  /** 9 exact to exact, 8 any to exact, 6 exact to any, 5 any to any (Consul's table). */
  readonly precedence: number;
}

export interface Decision {
  readonly allowed: boolean;
  /** The intention that decides; null when none matches and the default policy does. */
  readonly intention: Intention | null;
  /** Other intentions that match, and lost by their precedence. */
  readonly overruled: readonly Intention[];
}

export type DefaultPolicy = "allow" | "deny";

export function precedence(source: string, destination: string): number {
  if (destination === "*") return source === "*" ? 5 : 6;
  return source === "*" ? 8 : 9;
}

/** What is needed here of a `service-intentions` entry. */
export interface IntentionEntry {
  readonly Name: string;
  readonly Sources: readonly { readonly Name: string; readonly Action: "allow" | "deny" }[];
}

/** The intentions of some entries, the one that decides first standing first. */
export function intentionsOf(entries: readonly IntentionEntry[]): Intention[] {
  return entries
    .flatMap(({ Name, Sources }) =>
      Sources.map(({ Name: source, Action }) => ({
        source,
        destination: Name,
        action: Action,
        precedence: precedence(source, Name),
      })),
    )
    .sort(
      (a, b) =>
        b.precedence - a.precedence || compare(a.source, b.source) || compare(a.destination, b.destination),
    );
}

/** What `intentions`, in order of precedence, say of a request. */
export function decide(
  intentions: readonly Intention[],
  source: string,
  destination: string,
  defaultPolicy: DefaultPolicy,
): Decision {
  const [intention = null, ...overruled] = intentions.filter(
    (rule) => matches(rule.source, source) && matches(rule.destination, destination),
  );
  return { allowed: (intention?.action ?? defaultPolicy) === "allow", intention, overruled };
}

/** Sources that a rule names, less those that a rule before it has already decided. */
export interface SourceSet {
  readonly source: string;
  readonly except: readonly string[];
}

/** The sources whose treatment differs from the default policy: that is all that a proxy must be told. */
export interface AccessRules {
  readonly action: "allow" | "deny";
  readonly sources: readonly SourceSet[];
}

/** Turns the intentions of one destination, in order of precedence, into rules that need no order. */
export function accessRules(intentions: readonly Intention[], defaultPolicy: DefaultPolicy): AccessRules {
  const action = defaultPolicy === "allow" ? "deny" : "allow";
  const decided: string[] = [];
  const sources: SourceSet[] = [];
  for (const rule of intentions) {
    if (decided.includes(rule.source) || decided.includes("*")) continue;
    if (rule.action === action)
      sources.push({ source: rule.source, except: rule.source === "*" ? [...decided] : [] });
    decided.push(rule.source);
  }
  return { action, sources };
}

function matches(pattern: string, name: string): boolean {
  return pattern === "*" || pattern === name;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
