import { constants } from "node:fs";
import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CommandError, command } from "../command.ts";

export default command({
  usage: "[path]",
  help: "Writes an example of a job file, by default to example.nomad.hcl: one to begin with.",
  flags: {
    short: { kind: "boolean", doc: "Without comments." },
    connect: { kind: "boolean", doc: "Two services that speak through the mesh." },
  },
  arity: [0, 1],
  async run({ flags, arguments: [path = "example.nomad.hcl"], terminal }) {
    const name = `${flags.connect ? "connect" : "example"}${flags.short ? "-short" : ""}.nomad.hcl`;
    const example = fileURLToPath(new URL(`../job-examples/${name}`, import.meta.url));
    try {
      await copyFile(example, path, constants.COPYFILE_EXCL);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new CommandError(
        code === "EEXIST" ? `there is already a file ${path}; name another one` : `${path}: ${message}`,
      );
    }
    terminal.print(`Example job file written to ${path}`);
    return 0;
  },
});
