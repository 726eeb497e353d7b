import { consulApi, consulFlags, json } from "../api-flags.ts";
import { command } from "../command.ts";
import { printRoots, type RootList } from "../root-table.ts";

export default command({
  usage: "",
  help: "Lists the root certificates that every proxy trusts. After a change the old one stays until its last certificate is over.",
  flags: { ...consulFlags, json, pem: { kind: "boolean", doc: "The certificates, as PEM." } },
  arity: [0, 0],
  async run({ flags, terminal, signal }) {
    const list = await consulApi(flags).get<RootList>("/v1/connect/ca/roots", { signal });
    if (flags.json) terminal.print(JSON.stringify(list, null, 2));
    else if (flags.pem) terminal.print(...list.Roots.map(({ RootCert }) => RootCert.trimEnd()));
    else printRoots(terminal, list);
    return 0;
  },
});
