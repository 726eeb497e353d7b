import { nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { resolveId } from "../resolve.ts";

export default command({
  usage: "[evaluation ...]",
  help: "Deletes evaluations that are not needed any more: those that are named, or with -filter all that an expression matches.",
  flags: {
    ...nomadFlags,
    filter: { kind: "text", value: "expression", doc: 'Such as: Status == "blocked" and JobID == "web".' },
    yes: { kind: "boolean", doc: "Accepted for scripts; nothing is asked." },
  },
  arity: [0, 100],
  async run({ flags, arguments: names, terminal, signal }) {
    const { filter } = flags;
    if ((filter === undefined) === (names.length === 0))
      throw new CommandError("name evaluations, or say which with -filter");
    const api = nomadApi(flags);
    const EvalIDs = await Promise.all(names.map((name) => resolveId(api, "evaluation", name, signal)));
    const body = filter === undefined ? { EvalIDs } : { Filter: filter };
    const { value } = await api.query<{ Count: number }>("/v1/evaluations", {
      method: "DELETE",
      body,
      signal,
    });
    terminal.print(`${value.Count} evaluation${value.Count === 1 ? "" : "s"} deleted`);
    return 0;
  },
});
