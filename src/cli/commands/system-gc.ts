import { nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";

export default command({
  usage: "",
  help: "Forgets at once all jobs, allocations, evaluations and deployments that are over, and nodes that are gone.",
  flags: nomadFlags,
  arity: [0, 0],
  async run({ flags, signal }) {
    await nomadApi(flags).query("/v1/system/gc", { method: "PUT", signal });
    return 0;
  },
});
