import { json, nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { table } from "../table.ts";
import { timestamp } from "../time.ts";
import type { VariableView } from "../variable-view.ts";

export default command({
  usage: "[prefix]",
  help: "Lists the variables whose paths begin so, without their items. -namespace='*' lists those of all namespaces.",
  flags: { ...nomadFlags, json },
  arity: [0, 1],
  async run({ flags, arguments: [prefix = ""], terminal, signal }) {
    const query = { prefix, namespace: flags.namespace };
    const found = await nomadApi(flags).get<Omit<VariableView, "Items">[]>("/v1/vars", { query, signal });
    if (flags.json) terminal.print(JSON.stringify(found, null, 2));
    else if (found.length === 0) terminal.print("No variables");
    else
      terminal.print(
        ...table(
          ["Namespace", "Path", "Last Updated"],
          found.map(({ Namespace, Path, ModifyTime }) => [
            Namespace,
            Path,
            timestamp(new Date(ModifyTime / 1e6)),
          ]),
        ),
      );
    return 0;
  },
});
