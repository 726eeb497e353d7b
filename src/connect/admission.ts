import { type Diagnostic, hasErrors } from "#model/diagnostic.ts";
import { canonicalize } from "#model/job/canonicalize.ts";
import type { Job, JobInput } from "#model/job/job.ts";
import { validateJob } from "#model/job/validate.ts";
import { admitConnect } from "./connect-block.ts";
import { gatewayEntries } from "./gateway-entries.ts";

/** A job as it would be stored, and what is wrong with it or unusual. */
export interface Admission {
  /** Null when one of the diagnostics is an error. */
  readonly job: Job | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * From a job as it was parsed or received to one that can be stored: complete, with its proxies, and valid.
 * `sidecarDriver` runs the Envoys of jobs that do not say what does.
 */
export function admit(input: JobInput, sidecarDriver = "exec"): Admission {
  // What admission adds takes its defaults from around it, as what the author wrote does.
  const admitted = canonicalize(admitConnect(canonicalize(input), sidecarDriver));
  const found = validateJob(admitted);
  const diagnostics = hasErrors(found) ? found : [...found, ...gatewayEntries(admitted).problems];
  return { job: hasErrors(diagnostics) ? null : admitted, diagnostics };
}
