import { consulApi, consulFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { formats, isJson, metaOf, peeringName, requiredName } from "../peering-view.ts";

export default command({
  usage: "",
  help: "Makes a token by which another mesh becomes a peer, once: give it to `peering establish` there. It is a secret.",
  flags: {
    ...consulFlags,
    ...peeringName,
    "server-external-addresses": {
      kind: "texts",
      value: "host:port",
      doc: "Where the other mesh reaches the control plane of this one; several by commas. By default the agent's own.",
    },
    meta: { kind: "texts", value: "key=value", doc: "A fact about the peering; may be repeated." },
    ttl: { kind: "text", value: "duration", default: "24h", doc: "How long the token can be used." },
    ...formats,
  },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const body = {
      PeerName: requiredName(flags.name),
      ServerExternalAddresses: flags["server-external-addresses"].flatMap((text) => text.split(",")),
      Meta: metaOf(flags.meta),
      TTL: flags.ttl,
    };
    const answer = await consulApi(flags).get<{ PeeringToken: string }>("/v1/peering/token", {
      ...{ method: "POST", body, signal },
    });
    terminal.print(isJson(flags) ? JSON.stringify(answer, null, 2) : answer.PeeringToken);
    return 0;
  },
});
