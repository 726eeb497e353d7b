import type { Source } from "#mesh/intentions.ts";
import { readConfigEntry, type ServiceIntentions } from "#model/config-entry/config-entry.ts";
import type { SourceIntention } from "#model/config-entry/service-intentions.ts";
import { type Diagnostic, hasErrors, pathText } from "#model/diagnostic.ts";
import { type WrittenIntention, writtenIntention } from "#model/intention.ts";
import { canonical } from "#model/schema/canonical.ts";
import { decode } from "#model/schema/decode.ts";
import { badRequest } from "../http-error.ts";

export interface ReadIntention {
  readonly source: SourceIntention;
  readonly destination: string;
}

/**
 * Reads an intention that a client sent, by the rules of `service-intentions` entries. Where the request says
 * who it is about, the body may leave that out, but not say otherwise.
 */
export function readIntention(
  body: unknown,
  source: Source | null,
  destination: string | null,
): ReadIntention {
  const json = typeof body === "object" && body !== null ? withoutComputed(body) : body;
  const { value, problems } = decode(writtenIntention, json ?? {}, { lenient: true });
  if (hasErrors(problems)) throw badRequest(sentences(problems));
  const written = canonical(writtenIntention, value);
  const Name = agreed("SourceName", written.SourceName, source?.name);
  const Peer = agreed("SourcePeer", written.SourcePeer, source?.peer);
  const destinationName = agreed("DestinationName", written.DestinationName, destination);
  const { Action, Permissions, Description, Meta } = written;
  const read = readConfigEntry({
    Kind: "service-intentions",
    Name: destinationName,
    Sources: [{ Name, Peer, Action, Permissions, Description, LegacyMeta: Meta }],
  });
  const [found] = (read.entry as ServiceIntentions | null)?.Sources ?? [];
  if (found === undefined) throw badRequest(sentences(read.problems));
  return { source: found, destination: destinationName };
}

type Field = "SourceName" | "SourcePeer" | "DestinationName";

function agreed(
  field: Field & keyof WrittenIntention,
  written: string,
  asked: string | null | undefined,
): string {
  if (asked === null || asked === undefined) return written;
  if (written !== "" && written !== asked)
    throw badRequest(
      `${field} must match the request: it is "${written}" in the body and "${asked}" in the query`,
    );
  return asked;
}

/** An intention that was read is often sent back as it is. */
function withoutComputed(body: object): object {
  const computed = ["createindex", "modifyindex", "hash", "jwt"];
  return Object.fromEntries(Object.entries(body).filter(([key]) => !computed.includes(key.toLowerCase())));
}

function sentences(problems: readonly Diagnostic[]): string {
  return problems
    .map(({ path = [], summary, detail }) =>
      [pathText(path).replace(/^Sources\[0\]\.?/, ""), `${summary}: ${detail}`].filter(Boolean).join(": "),
    )
    .join("\n");
}
