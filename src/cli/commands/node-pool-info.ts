import type { NodePool } from "#model/node-pool.ts";
import { json, nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { properties } from "../table.ts";

export default command({
  usage: "<pool>",
  help: "Shows a node pool.",
  flags: { ...nomadFlags, json },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const pool = await nomadApi(flags).get<NodePool>(`/v1/node/pool/${encodeURIComponent(name)}`, { signal });
    if (flags.json) {
      terminal.print(JSON.stringify(pool, null, 2));
      return 0;
    }
    const meta = Object.entries(pool.Meta);
    terminal.print(
      ...properties([
        ["Name", pool.Name],
        ["Description", pool.Description || "<none>"],
      ]),
      "",
      terminal.style("bold", "Metadata"),
      ...(meta.length === 0 ? ["No metadata"] : properties(meta)),
    );
    return 0;
  },
});
