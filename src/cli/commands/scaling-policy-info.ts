import { json, nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { resolveScalingPolicy } from "../resolve.ts";
import { properties } from "../table.ts";
import type { ScalingPolicyView } from "../views.ts";
import { targetText } from "./scaling-policy-list.ts";

export default command({
  usage: "<policy>",
  help: "Shows a scaling policy of a job, by its id or the beginning of it.",
  flags: { ...nomadFlags, json },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const id = await resolveScalingPolicy(api, name, signal);
    const policy = await api.get<ScalingPolicyView>(`/v1/scaling/policy/${id}`, { signal });
    if (flags.json) {
      terminal.print(JSON.stringify(policy, null, 2));
      return 0;
    }
    terminal.print(
      ...properties([
        ["ID", policy.ID],
        ["Enabled", String(policy.Enabled)],
        ["Type", policy.Type],
        ["Target", targetText(policy.Target)],
        ["Min", String(policy.Min)],
        ["Max", String(policy.Max)],
      ]),
      "",
      terminal.style("bold", "Policy"),
      JSON.stringify(policy.Policy, null, 2),
    );
    return 0;
  },
});
