import { command } from "../command.ts";
import { packageVersion } from "../version.ts";

export default command({
  usage: "",
  help: "Prints the version of Yurt.",
  flags: { format: { kind: "text", value: "json|pretty", default: "pretty", doc: "How it is printed." } },
  arity: [0, 0],
  async run({ flags, terminal }) {
    const version = packageVersion();
    terminal.print(flags.format === "json" ? JSON.stringify({ Version: version }) : `Yurt v${version}`);
    return 0;
  },
});
