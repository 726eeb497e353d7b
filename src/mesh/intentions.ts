import type { IntentionJwt, Permission, SourceIntention } from "#model/config-entry/service-intentions.ts";

/** Who calls: a service of the own cluster, or of a peer. `*` stands for every service there. */
export interface Source {
  readonly name: string;
  /** Empty for the own cluster. */
  readonly peer: string;
}

/** One rule of who may reach whom. */
export interface Intention {
  readonly source: Source;
  readonly destination: string;
  /** Empty where `permissions` decide request by request. */
  readonly action: SourceIntention["Action"];
  readonly permissions: readonly Permission[];
  /** What every request needs that would otherwise be allowed. */
  readonly jwt: IntentionJwt | null;
  /** 9 exact to exact, 8 any to exact, 6 exact to any, 5 any to any (Consul's table). */
  readonly precedence: number;
}

export type DefaultPolicy = "allow" | "deny";

export const local = (name: string): Source => ({ name, peer: "" });

export function precedence(source: string, destination: string): number {
  if (destination === "*") return source === "*" ? 5 : 6;
  return source === "*" ? 8 : 9;
}

/** What is needed here of a `service-intentions` entry. */
export interface IntentionEntry {
  readonly Name: string;
  readonly JWT: IntentionJwt | null;
  readonly Sources: readonly Pick<SourceIntention, "Name" | "Peer" | "Action" | "Permissions">[];
}

/** The intentions of some entries, the one that decides first standing first. */
export function intentionsOf(entries: readonly IntentionEntry[]): Intention[] {
  return entries
    .flatMap(({ Name, JWT, Sources }) =>
      Sources.map((source) => ({
        source: { name: source.Name, peer: source.Peer },
        destination: Name,
        action: source.Action,
        permissions: source.Permissions,
        jwt: JWT,
        precedence: precedence(source.Name, Name),
      })),
    )
    .sort(
      (a, b) =>
        b.precedence - a.precedence ||
        compare(a.source.name, b.source.name) ||
        compare(a.source.peer, b.source.peer) ||
        compare(a.destination, b.destination),
    );
}

/** The jwt-providers whose tokens some intentions ask for, each once, in order of their names. */
export function providersNamed(intentions: readonly Pick<Intention, "jwt" | "permissions">[]): string[] {
  const names = intentions.flatMap(({ jwt, permissions }) =>
    [jwt, ...permissions.map(({ JWT }) => JWT)].flatMap((each) => each?.Providers ?? []),
  );
  return [...new Set(names.map(({ Name }) => Name))].sort();
}

/** Whether a rule for `pattern` speaks of `source`. Peers are worlds of their own: `*` ends at their border. */
export function covers(pattern: Source, source: Source): boolean {
  return pattern.peer === source.peer && matchesName(pattern.name, source.name);
}

export function matchesName(pattern: string, name: string): boolean {
  return pattern === "*" || pattern === name;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
