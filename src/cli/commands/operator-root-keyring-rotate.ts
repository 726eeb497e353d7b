import type { RootKey } from "#model/root-key.ts";
import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { rootKeyTable } from "../root-key-table.ts";

export default command({
  usage: "",
  help: "Makes a new key that signs the identities of tasks. The one before it goes on verifying what it has signed; running tasks get tokens by the new one when theirs are renewed. Variables are not encrypted with these keys.",
  flags: {
    ...nomadFlags,
    now: { kind: "boolean", doc: "The new key signs at once." },
    prepublish: {
      kind: "duration",
      value: "duration",
      doc: "The new key is published at once and signs after that time, so that those who keep a copy of the published keys have it by then.",
    },
    full: {
      kind: "boolean",
      doc: "Taken for those who know it from Nomad, where it encrypts all variables anew; here there are none to encrypt.",
    },
    verbose,
  },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const { now, prepublish } = flags;
    if (now === (prepublish !== undefined))
      throw new CommandError("say when the new key signs, with one of -now and -prepublish=<duration>");
    const query = {
      full: flags.full || undefined,
      publish_time: prepublish === undefined ? undefined : String((Date.now() + prepublish) * 1e6),
    };
    const path = "/v1/operator/keyring/rotate";
    const { Key } = await nomadApi(flags).get<{ Key: RootKey }>(path, { method: "PUT", query, signal });
    terminal.print(...rootKeyTable([Key], flags.verbose));
    return 0;
  },
});
