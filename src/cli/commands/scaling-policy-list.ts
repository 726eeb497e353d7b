import { shortId } from "#model/id.ts";
import { json, nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { table } from "../table.ts";
import type { ScalingPolicyView } from "../views.ts";

export default command({
  usage: "",
  help: "Lists the scaling policies of jobs.",
  flags: {
    ...nomadFlags,
    json,
    verbose,
    job: { kind: "text", value: "job", doc: "Only those of this job." },
    type: { kind: "text", value: "type", doc: "Only those of this type, such as horizontal." },
  },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const query = { namespace: flags.namespace, job: flags.job, type: flags.type };
    const policies = await nomadApi(flags).get<ScalingPolicyView[]>("/v1/scaling/policies", {
      query,
      signal,
    });
    const rows = policies.map(({ ID, Enabled, Type, Target }) => [
      flags.verbose ? ID : shortId(ID),
      String(Enabled),
      Type,
      targetText(Target),
    ]);
    if (flags.json) terminal.print(JSON.stringify(policies, null, 2));
    else if (rows.length === 0) terminal.print("No policies found");
    else terminal.print(...table(["ID", "Enabled", "Type", "Target"], rows));
    return 0;
  },
});

export function targetText({ Namespace, Job, Group }: ScalingPolicyView["Target"]): string {
  return `Namespace:${Namespace},Job:${Job},Group:${Group}`;
}
