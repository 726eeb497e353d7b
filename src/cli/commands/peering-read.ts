import { consulApi, consulFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { formats, isJson, type PeeringView, peeringName, requiredName } from "../peering-view.ts";
import { properties } from "../table.ts";

export default command({
  usage: "",
  help: "Shows a peering: its state, what is shared, and when the two meshes last heard of each other.",
  flags: { ...consulFlags, ...peeringName, ...formats },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const path = `/v1/peering/${encodeURIComponent(requiredName(flags.name))}`;
    const peering = await consulApi(flags).get<PeeringView>(path, { signal });
    if (isJson(flags)) terminal.print(JSON.stringify(peering, null, 2));
    else terminal.print(...properties(linesOf(peering)));
    return 0;
  },
});

function linesOf({ StreamStatus, Remote, ...peering }: PeeringView): [string, string][] {
  const { ImportedServices, ExportedServices, LastHeartbeat, LastReceive, LastSend } = StreamStatus;
  return [
    ["Name", peering.Name],
    ["ID", peering.ID],
    ["State", peering.State],
    [
      "Meta",
      Object.entries(peering.Meta)
        .map((pair) => pair.join("="))
        .join(", "),
    ],
    ["Peer ID", peering.PeerID],
    ["Peer Server Name", peering.PeerServerName],
    ["Peer Addresses", peering.PeerServerAddresses.join(", ")],
    ["Peer Datacenter", Remote.Datacenter],
    ["Peer Trust Domain", Remote.TrustDomain],
    ["Imported Services", ImportedServices.join(", ")],
    ["Exported Services", ExportedServices.join(", ")],
    ["Last Heartbeat", LastHeartbeat ?? "never"],
    ["Last Receive", LastReceive ?? "never"],
    ["Last Send", LastSend ?? "never"],
    ["Modify Index", `${peering.ModifyIndex}`],
  ];
}
