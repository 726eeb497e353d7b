import { json } from "./api-flags.ts";
import { CommandError } from "./command.ts";

/** What the commands read of a peering. */
export interface PeeringView {
  readonly ID: string;
  readonly Name: string;
  readonly State: string;
  readonly Meta: Readonly<Record<string, string>>;
  readonly PeerID: string;
  readonly PeerServerName: string;
  readonly PeerServerAddresses: readonly string[];
  readonly Remote: { readonly Datacenter: string; readonly TrustDomain: string };
  readonly StreamStatus: {
    readonly ImportedServices: readonly string[];
    readonly ExportedServices: readonly string[];
    readonly LastHeartbeat: string | null;
    readonly LastReceive: string | null;
    readonly LastSend: string | null;
  };
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

export const peeringName = {
  name: { kind: "text", value: "name", doc: "The peer's name here." },
} as const;

export const formats = {
  json,
  format: { kind: "text", value: "format", default: "pretty", doc: "`pretty` or `json`." },
} as const;

export function isJson({
  json: asked,
  format,
}: {
  readonly json: boolean;
  readonly format: string;
}): boolean {
  if (format !== "pretty" && format !== "json")
    throw new CommandError(`-format is pretty or json, not "${format}"`);
  return asked || format === "json";
}

export function requiredName(name: string | undefined): string {
  if (name) return name;
  throw new CommandError("Missing the required -name flag");
}

/** `key=value` each. */
export function metaOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 1) throw new CommandError(`-meta is key=value, not "${pair}"`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}
