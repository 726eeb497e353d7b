import type { Diagnostic } from "../diagnostic.ts";
import { pathText } from "../diagnostic.ts";
import type { Rule } from "../schema/check.ts";
import { check } from "../schema/check.ts";
import type { Job } from "./job.ts";
import { job } from "./job.ts";
import { notCarriedOut } from "./not-carried-out.ts";
import { checkRules } from "./rules/check.ts";
import { connectRules } from "./rules/connect.ts";
import { credentialRules } from "./rules/credentials.ts";
import { fileRules } from "./rules/files.ts";
import { gatewayRules } from "./rules/gateway.ts";
import { groupRules } from "./rules/group.ts";
import { jobRules } from "./rules/job.ts";
import { networkRules } from "./rules/network.ts";
import { placementRules } from "./rules/placement.ts";
import { policyRules } from "./rules/policies.ts";
import { serviceRules } from "./rules/service.ts";
import { resourceRules, taskRules } from "./rules/task.ts";
import { volumeRules } from "./rules/volume.ts";

const rules: readonly Rule[] = [
  ...jobRules,
  ...groupRules,
  ...networkRules,
  ...taskRules,
  ...resourceRules,
  ...serviceRules,
  ...checkRules,
  ...connectRules,
  ...gatewayRules,
  ...placementRules,
  ...policyRules,
  ...fileRules,
  ...volumeRules,
  ...credentialRules,
  ...notCarriedOut,
];

/**
 * All that is wrong with a canonical job, as errors, and what is obsolete or not carried out, as warnings. Meant
 * for the job as admission leaves it: with its proxies.
 */
export function validateJob(value: Job): Diagnostic[] {
  return withoutEchoes(check(job, value, rules));
}

/** What a part was handed down is told where it was written. */
function withoutEchoes(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const keyOf = ({ summary, detail }: Diagnostic, path: string) => `${path} ${summary} ${detail}`;
  const known = new Set(diagnostics.map((diagnostic) => keyOf(diagnostic, pathText(diagnostic.path ?? []))));
  return diagnostics.filter((diagnostic) => {
    const path = pathText(diagnostic.path ?? []);
    return origins(path).every((origin) => !known.has(keyOf(diagnostic, origin)));
  });
}

/** From where the part at a path may have been handed down. */
function origins(path: string): string[] {
  const steps: readonly [RegExp, string][] = [
    [/^(TaskGroups\[\d+\])\.Tasks\[\d+\](?=\.RestartPolicy)/, "$1"],
    [/^TaskGroups\[\d+\]\.(?=Update|Migrate)/, ""],
    [/^TaskGroups\[\d+\]\.ReschedulePolicy/, "Reschedule"],
    [/\.Checks\[\d+\](?=\.(CheckRestart|OnUpdate))/, ""],
  ];
  return steps.flatMap(([step, origin]) => (step.test(path) ? [path.replace(step, origin)] : []));
}
