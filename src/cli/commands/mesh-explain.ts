import { json, nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { type ExplanationView, explanationLines } from "../explanation.ts";

export default command({
  usage: "<source> <destination> [path]",
  help: "Shows the way that a request of the service <source> to the service <destination> would take: listener, route, the share of each split, subset and cluster, instances with their health, failover, timeouts and retries with the entry that sets each, the intention that decides and why, the task's port; and where a running Envoy holds something else. Exits with 0 when the request would pass, with 2 when it would not.",
  flags: {
    ...nomadFlags,
    json,
    method: { kind: "text", value: "method", default: "GET", doc: "The method of the request." },
    header: {
      kind: "texts",
      value: "name:value",
      doc: "A header of the request. May be given several times.",
    },
  },
  arity: [2, 3],
  async run({ flags, arguments: [source = "", destination = "", path = "/"], terminal, signal }) {
    const query = new URLSearchParams({ source, destination, path, method: flags.method });
    for (const header of flags.header) query.append("header", header);
    const explanation = await nomadApi(flags).get<ExplanationView>(`/v1/mesh/explain?${query}`, { signal });
    if (flags.json) terminal.print(JSON.stringify(explanation, null, 2));
    else terminal.print(...explanationLines(terminal, explanation));
    return explanation.obstacles.length === 0 ? 0 : 2;
  },
});
