import { StartError } from "./driver.ts";

/** What Nomad's users may rely on without asking for it. */
const CAPABILITIES: readonly string[] = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];

export interface CapabilityChanges {
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
}

/**
 * The capabilities of a task, as `CAP_…`. Only what is in the list may be asked for again after it was
 * dropped; more would reach out of the task, and throws a {@link StartError} unless `mayAskForMore`.
 */
export function capabilities({ capAdd, capDrop }: CapabilityChanges, mayAskForMore = false): string[] {
  const [add, drop] = [capAdd.map(plainName), capDrop.map(plainName)];
  const beyond = add.find((name) => name !== "ALL" && !CAPABILITIES.includes(name));
  if (beyond !== undefined && !mayAskForMore) {
    throw new StartError(
      `config: cap_add "${beyond}" is not allowed on this node (allowed: ${CAPABILITIES.join(", ")})`,
    );
  }
  const kept = CAPABILITIES.filter((name) => !drop.includes("ALL") && !drop.includes(name));
  const all = add.includes("ALL") ? CAPABILITIES : [...kept, ...add.filter((name) => !kept.includes(name))];
  return all.map(capabilityNamed);
}

/** With `CAP_` or without, in capitals or not. */
export function capabilityNamed(text: string): string {
  return `CAP_${plainName(text)}`;
}

function plainName(text: string): string {
  return text.toUpperCase().replace(/^CAP_/, "");
}
