import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { changeDeployment, detach } from "../change-deployment.ts";
import { command } from "../command.ts";
import { resolveId } from "../resolve.ts";

export default command({
  usage: "<deployment>",
  help: "Lets a paused deployment go on.",
  flags: { ...nomadFlags, verbose, detach },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const id = await resolveId(api, "deployment", name, signal);
    return changeDeployment(
      api,
      terminal,
      { action: "pause", id, body: { Pause: false }, detach: flags.detach },
      signal,
    );
  },
});
