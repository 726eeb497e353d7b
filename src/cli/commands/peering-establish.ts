import { readFile } from "node:fs/promises";
import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { metaOf, peeringName, requiredName } from "../peering-view.ts";

export default command({
  usage: "",
  help: "Makes the mesh whose token this is a peer, under a name of this mesh's own.",
  flags: {
    ...consulFlags,
    ...peeringName,
    "peering-token": {
      kind: "text",
      value: "token",
      doc: "What `peering generate-token` printed there; @path reads it from a file.",
    },
    meta: { kind: "texts", value: "key=value", doc: "A fact about the peering; may be repeated." },
  },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const PeerName = requiredName(flags.name);
    const token = flags["peering-token"];
    if (!token) throw new CommandError("Missing the required -peering-token flag");
    const PeeringToken = token.startsWith("@") ? await readFile(token.slice(1), "utf8") : token;
    const body = { PeerName, PeeringToken: PeeringToken.trim(), Meta: metaOf(flags.meta) };
    await consulApi(flags).query("/v1/peering/establish", { method: "POST", body, signal });
    terminal.print(`Successfully established peering connection with ${PeerName}`);
    return 0;
  },
});
