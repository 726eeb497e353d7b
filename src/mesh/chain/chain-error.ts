import type { ConfigKind } from "#model/config-entry/config-entry.ts";

export type ChainFault =
  | "circular reference"
  | "circular redirect"
  | "inconsistent protocols"
  | "protocol without requests"
  | "missing subset"
  | "external service";

/** The entry that is at fault, as far as one of them is. */
export interface FaultyEntry {
  readonly kind: ConfigKind;
  readonly name: string;
}

/** Why the entries that concern a service make no discovery chain. The message is for people. */
export class ChainError extends Error {
  readonly fault: ChainFault;
  readonly entry: FaultyEntry;

  constructor(fault: ChainFault, kind: ConfigKind, name: string, message: string) {
    super(message);
    this.name = "ChainError";
    this.fault = fault;
    this.entry = { kind, name };
  }
}
