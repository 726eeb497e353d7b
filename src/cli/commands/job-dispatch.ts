import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { detach, followPlacement } from "../monitor/follow.ts";
import { resolveJob } from "../resolve.ts";
import { properties } from "../table.ts";

export default command({
  usage: "<job> [payload file]",
  help: "Runs a parameterized job once, with a payload (- reads standard input) and with facts.",
  flags: {
    ...nomadFlags,
    verbose,
    meta: { kind: "texts", value: "key=value", doc: "A fact for the job; may be given several times." },
    "id-prefix-template": { kind: "text", value: "prefix", doc: "Goes into the id of the job that runs." },
    "idempotency-token": {
      kind: "text",
      value: "token",
      doc: "A second request with the same token runs nothing.",
    },
    detach,
  },
  arity: [1, 2],
  async run({ flags, arguments: [name = "", file], terminal, signal }) {
    const api = nomadApi(flags);
    const { namespace } = flags;
    const JobID = await resolveJob(api, name, namespace, signal);
    const body = {
      JobID,
      Payload: file === undefined ? "" : (await contents(file)).toString("base64"),
      Meta: Object.fromEntries(flags.meta.map(fact)),
      IdPrefixTemplate: flags["id-prefix-template"] ?? "",
      IdempotencyToken: flags["idempotency-token"] ?? "",
    };
    const path = `/v1/job/${encodeURIComponent(JobID)}/dispatch`;
    const options = { method: "PUT", query: { namespace }, body, signal } as const;
    const { value } = await api.query<{ DispatchedJobID: string; EvalID: string }>(path, options);
    terminal.print(
      ...properties([
        ["Dispatched Job ID", value.DispatchedJobID],
        ["Evaluation ID", value.EvalID],
      ]),
    );
    if (flags.detach || value.EvalID === "") return 0;
    return followPlacement(api, terminal, value.EvalID, signal);
  },
});

async function contents(file: string): Promise<Buffer> {
  if (file === "-") return Buffer.from(await text(process.stdin));
  try {
    return await readFile(file);
  } catch (error) {
    throw new CommandError(`the payload cannot be read: ${(error as Error).message}`);
  }
}

function fact(pair: string): [string, string] {
  const equals = pair.indexOf("=");
  if (equals < 1) throw new CommandError(`flag -meta is key=value, not "${pair}"`);
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}
