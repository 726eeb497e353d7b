import { consulApi, consulFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { peeringName, requiredName } from "../peering-view.ts";

export default command({
  usage: "",
  help: "Takes a peering away: neither mesh reaches services of the other any more.",
  flags: { ...consulFlags, ...peeringName },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const name = requiredName(flags.name);
    const path = `/v1/peering/${encodeURIComponent(name)}`;
    const api = consulApi(flags);
    // A name that nobody knows is a mistake; the route itself takes it.
    await api.get(path, { signal });
    await api.query(path, { method: "DELETE", signal });
    terminal.print(`Successfully submitted peering connection, ${name}, for deletion`);
    return 0;
  },
});
