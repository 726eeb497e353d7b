import { json, nomadApi, nomadFlags } from "../api-flags.ts";
import { command } from "../command.ts";
import { adminFlag, configDump, findProxy } from "../find-proxy.ts";
import { table } from "../table.ts";

interface Difference {
  readonly kind: string;
  readonly name: string;
  readonly difference: string;
}

export default command({
  usage: "<proxy>",
  help: "Compares what a proxy should hold with what it says that it holds, by its admin interface. Exits with 2 where they differ.",
  flags: { ...nomadFlags, ...adminFlag, json },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const proxy = await findProxy(api, name, signal);
    const body = await configDump(api, proxy, flags.admin, signal);
    const path = `/v1/mesh/proxy/${encodeURIComponent(proxy.ID)}/diff`;
    const { value: found } = await api.query<Difference[]>(path, { method: "PUT", body, signal });
    if (flags.json) terminal.print(JSON.stringify(found, null, 2));
    else if (found.length === 0) terminal.print(`${proxy.ID} holds what it should.`);
    else {
      const rows = found.map(({ kind, name: resource, difference }) => [kind, resource, difference]);
      terminal.print(...table(["Kind", "Name", "Difference"], rows));
    }
    return found.length === 0 ? 0 : 2;
  },
});
