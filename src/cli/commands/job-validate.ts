import { hasErrors } from "#model/diagnostic.ts";
import { nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { jobFileFlags, readJob, tell } from "../job-file.ts";

export default command({
  usage: "<path>",
  help: "Checks a job file (- reads standard input) without an agent: what is wrong with it and what of it is not carried out, each at its place. Exits with 1 when there are errors.",
  flags: {
    ...nomadFlags,
    ...jobFileFlags,
    json: {
      kind: "boolean",
      doc: "What was found, as JSON. The file may hold the job as JSON, as the API shows it, or be written in HCL.",
    },
  },
  arity: [1, 1],
  async run({ flags, arguments: [path = ""], terminal }) {
    const loaded = await readJob(path, { ...flags, json: flags.json ? "where it is" : false });
    const { diagnostics } = loaded;
    const valid = !hasErrors(diagnostics);
    if (flags.json) {
      terminal.print(JSON.stringify({ valid, diagnostics }, null, 2));
      return valid ? 0 : 1;
    }
    tell(terminal, loaded);
    if (valid) terminal.print(terminal.style("green", "Job validation successful"));
    return valid ? 0 : 1;
  },
});
