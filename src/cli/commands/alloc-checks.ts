import { json, nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { resolveId } from "../resolve.ts";
import { properties } from "../table.ts";

interface CheckView {
  readonly ID: string;
  readonly Check: string;
  readonly Service: string;
  readonly Status: string;
  readonly CatalogStatus: string;
  readonly Output: string;
}

export default command({
  usage: "<allocation>",
  help: "Shows the checks of an allocation's services and what they said last.",
  flags: { ...nomadFlags, json, verbose },
  arity: [1, 1],
  async run({ flags, arguments: [name = ""], terminal, signal }) {
    const api = nomadApi(flags);
    const id = await resolveId(api, "allocation", name, signal);
    const found = await api.get<Record<string, CheckView>>(`/v1/client/allocation/${id}/checks`, { signal });
    const checks = Object.values(found).sort((a, b) => (a.Service + a.Check < b.Service + b.Check ? -1 : 1));
    if (flags.json) terminal.print(JSON.stringify(found, null, 2));
    else if (checks.length === 0) terminal.print("The allocation has no checks");
    else terminal.print(`Status of ${checks.length} checks`, ...checks.flatMap(lines));
    return checks.every(({ Status }) => Status === "success") ? 0 : 1;
  },
});

function lines({ ID, Check, Service, Status, CatalogStatus, Output }: CheckView): string[] {
  return [
    "",
    ...properties([
      ["ID", ID],
      ["Name", Check],
      ["Service", Service],
      ["Status", `${Status} (${CatalogStatus})`],
      ["Output", Output],
    ]),
  ];
}
