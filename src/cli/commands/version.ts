import { readFileSync } from "node:fs";
import { command } from "../command.ts";

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

function packageVersion(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
