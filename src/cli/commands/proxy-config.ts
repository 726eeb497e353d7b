import { type ConfigSummary, summarize } from "#xds/config-summary.ts";
import { json, nomadApi, nomadFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { adminFlag, configDump, findProxy } from "../find-proxy.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

const SECTIONS = ["listeners", "routes", "clusters", "endpoints", "secrets"] as const;

export default command({
  usage: "<proxy> [listeners|routes|clusters|endpoints|secrets ...]",
  help: "Shows what a running proxy holds, as it tells by its admin interface: everything, or only the sections that are named. Keys are never shown.",
  flags: { ...nomadFlags, ...adminFlag, json },
  arity: [1, 1 + SECTIONS.length],
  async run({ flags, arguments: [name = "", ...named], terminal, signal }) {
    const api = nomadApi(flags);
    const sections = named.length === 0 ? SECTIONS : named.map(section);
    const dump = await configDump(api, await findProxy(api, name, signal), flags.admin, signal);
    const summary = summarize(dump);
    const chosen = Object.fromEntries(sections.map((each) => [each, summary[each]]));
    if (flags.json) terminal.print(JSON.stringify(chosen, null, 2));
    else terminal.print(...sections.flatMap((each, i) => sectionLines(summary, each, i === 0, terminal)));
    return 0;
  },
});

function section(text: string): (typeof SECTIONS)[number] {
  const found = SECTIONS.find((each) => each === text || each === `${text}s`);
  if (found === undefined)
    throw new CommandError(`a section is one of ${SECTIONS.join(", ")}, not "${text}"`);
  return found;
}

function sectionLines(
  summary: ConfigSummary,
  name: (typeof SECTIONS)[number],
  isFirst: boolean,
  terminal: Terminal,
): string[] {
  const rows: readonly Readonly<Record<string, string>>[] = summary[name];
  const title = terminal.style("bold", `${name.charAt(0).toUpperCase()}${name.slice(1)}`);
  const [first] = rows;
  const lines =
    first === undefined
      ? ["none"]
      : table(
          Object.keys(first).map(heading),
          rows.map((row) => Object.values(row)),
        );
  return [...(isFirst ? [] : [""]), title, ...lines];
}

/** `connectTimeout` → `Connect timeout` */
function heading(key: string): string {
  const words = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
