import { nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { jobFileFlags, readJob, tell } from "../job-file.ts";

export default command({
  usage: "<path>",
  help: "Checks a job file (- reads standard input) without an agent: what is wrong with it and what of it is not carried out, each at its place. Exits with 1 when there are errors.",
  flags: {
    ...nomadFlags,
    ...jobFileFlags,
    "diagnostics-json": { kind: "boolean", doc: "What was found, as JSON." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [path = ""], terminal }) {
    const loaded = await readJob(path, flags);
    const { job, diagnostics } = loaded;
    if (flags["diagnostics-json"]) terminal.print(JSON.stringify(diagnostics, null, 2));
    else {
      tell(terminal, loaded);
      if (job !== null) terminal.print(terminal.style("green", "Job validation successful"));
    }
    return job === null ? 1 : 0;
  },
});
