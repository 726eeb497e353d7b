import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { formatSource } from "#jobspec/format/format.ts";
import { renderDiagnostic } from "#model/render-diagnostic.ts";
import { CommandError, command } from "../command.ts";
import { hclFiles } from "../hcl-files.ts";
import type { Terminal } from "../terminal.ts";

export default command({
  usage: "[path ...]",
  help: "Brings job files and other HCL files (*.nomad, *.hcl) into their canonical form. A path is a file, a folder or - for standard input, whose formatted text goes to standard output; without one the current folder is taken. Exits with 1 when a file is no valid HCL, or with -check when one is not formatted.",
  flags: {
    check: { kind: "boolean", doc: "Write nothing; exit with 1 when a file is not formatted." },
    list: { kind: "boolean", default: true, doc: "Name the files that are not formatted. Default true." },
    recursive: { kind: "boolean", doc: "Go into folders below, too." },
    write: { kind: "boolean", default: true, doc: "Write the files. Default true." },
    "no-color": { kind: "boolean", doc: "Plain text. NO_COLOR in the environment does the same." },
  },
  arity: [0, Number.POSITIVE_INFINITY],
  async run({ flags, arguments: paths, terminal }) {
    if (paths.includes("-")) {
      if (paths.length > 1) throw new CommandError("- stands alone: standard input is one file");
      return formatInput(flags.check, terminal);
    }
    const files = await hclFiles(paths.length === 0 ? ["."] : paths, flags.recursive);
    let failed = false;
    for (const file of files) {
      const before = await readFile(file, "utf8");
      const after = formatted(file, before, terminal);
      if (after === null) failed = true;
      if (after === null || after === before) continue;
      if (flags.list) terminal.print(file);
      if (flags.check) failed = true;
      else if (flags.write) await writeFile(file, after);
    }
    return failed ? 1 : 0;
  },
});

async function formatInput(check: boolean, terminal: Terminal): Promise<number> {
  const before = await text(process.stdin);
  const after = formatted("standard input", before, terminal);
  if (after === null) return 1;
  if (check) return after === before ? 0 : 1;
  process.stdout.write(after);
  return 0;
}

/** Null when the text is not valid, which is then told. */
function formatted(filename: string, source: string, terminal: Terminal): string | null {
  const { text: result, diagnostics } = formatSource({ filename, text: source });
  const sources = new Map([[filename, source]]);
  for (const diagnostic of diagnostics) {
    terminal.say(`${renderDiagnostic(diagnostic, { sources, color: terminal.colour })}\n`);
  }
  return result;
}
