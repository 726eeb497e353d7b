import { consulApi, consulFlags, json } from "../api-flags.ts";
import { command } from "../command.ts";
import { table } from "../table.ts";

export default command({
  usage: "",
  help: "Lists the names of all services, one a line.",
  flags: {
    ...consulFlags,
    json,
    node: { kind: "text", value: "name", doc: "Only those on one node." },
    tags: { kind: "boolean", doc: "Their tags too." },
  },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const services = await tagsByName(flags, signal);
    const rows = Object.entries(services).sort(([a], [b]) => (a < b ? -1 : 1));
    if (flags.json) terminal.print(JSON.stringify(services, null, 2));
    else if (flags.tags)
      terminal.print(
        ...table(
          ["Service", "Tags"],
          rows.map(([name, tags]) => [name, tags.join(",")]),
        ),
      );
    else terminal.print(...rows.map(([name]) => name));
    return 0;
  },
});

async function tagsByName(
  flags: Parameters<typeof consulApi>[0] & { readonly node: string | undefined },
  signal: AbortSignal,
): Promise<Record<string, readonly string[]>> {
  const api = consulApi(flags);
  if (flags.node === undefined) return api.get("/v1/catalog/services", { signal });
  const path = `/v1/catalog/node/${encodeURIComponent(flags.node)}`;
  const { Services } = await api.get<{ Services: Record<string, { Service: string; Tags: string[] }> }>(
    path,
    { signal },
  );
  return Object.fromEntries(Object.values(Services).map(({ Service, Tags }) => [Service, Tags]));
}
