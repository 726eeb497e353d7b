import { CommandError, command } from "../command.ts";

export default command({
  usage: "[anything ...]",
  help: "There are no ACL tokens and policies. docs/access.md says what stands in their place.",
  flags: {},
  arity: [0, Number.POSITIVE_INFINITY],
  passesFlagsOn: true,
  run() {
    throw new CommandError(
      "there are no ACL tokens and policies here: whoever reaches an agent's API may use all of it, so it listens on loopback unless -bind says otherwise. docs/access.md says how proxies, nodes and people are told apart",
    );
  },
});
