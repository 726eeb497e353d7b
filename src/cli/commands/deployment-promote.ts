import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { changeDeployment, detach } from "../change-deployment.ts";
import { command } from "../command.ts";
import { resolveId } from "../resolve.ts";

export default command({
  usage: "<deployment>",
  help: "Lets the canaries of a deployment stand: all of them, or those of some groups. The other instances follow.",
  flags: {
    ...nomadFlags,
    verbose,
    detach,
    group: { kind: "texts", value: "group", doc: "Only this group; may be given several times." },
  },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const id = await resolveId(api, "deployment", name, signal);
    const body = flags.group.length > 0 ? { Groups: flags.group } : { All: true };
    return changeDeployment(api, terminal, { action: "promote", id, body, detach: flags.detach }, signal);
  },
});
