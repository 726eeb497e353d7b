import { installRedirection, OUTBOUND_PORT, type RedirectionRules } from "#node/network/redirection.ts";

export type { RedirectionRules };
export { OUTBOUND_PORT };

/** Redirects in this network namespace, or in the one at a path. */
export async function redirectTraffic(rules: RedirectionRules, namespace: string | undefined): Promise<void> {
  await installRedirection(rules, namespace === undefined ? [] : ["nsenter", `--net=${namespace}`]);
}
