import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { type VariableView, variableLines } from "../variable-view.ts";

export default command({
  usage: "<path>",
  help: "Shows a variable, or one of its items.",
  flags: {
    ...nomadFlags,
    item: { kind: "text", value: "name", doc: "Only the value of this item, and nothing else." },
    out: { kind: "text", value: "table|json", default: "table", doc: "How it is shown." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [path = ""], terminal, signal }) {
    const query = { namespace: flags.namespace };
    const variable = await nomadApi(flags).get<VariableView>(`/v1/var/${path}`, { query, signal });
    if (flags.item !== undefined) {
      const value = variable.Items[flags.item];
      if (value === undefined)
        throw new CommandError(
          `the variable has no item "${flags.item}"; it has ${Object.keys(variable.Items).join(", ")}`,
        );
      terminal.print(value);
    } else {
      terminal.print(
        ...(flags.out === "json" ? [JSON.stringify(variable, null, 2)] : variableLines(variable)),
      );
    }
    return 0;
  },
});
