/** Writes docs/config-entries.md from the schemas of all kinds of config entries: `node scripts/config-entries.ts`. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { configKinds } from "#model/config-entry/config-entry.ts";
import { toReference } from "#model/schema/reference.ts";

const introduction = `The mesh is configured by entries, each of a kind and with a name: those of Consul, with its names and rules. Written
in [HCL](https://github.com/hashicorp/hcl) or in JSON, with names as below or as \`connect_timeout\`:

    Kind = "service-splitter"
    Name = "api"
    Splits = [
      { Weight = 90, ServiceSubset = "v1" },
      { Weight = 10, ServiceSubset = "v2" },
    ]

    yurt config write api.hcl          # -cas -modify-index 12: only if it is still as it was read
    yurt config read -kind service-splitter -name api
    yurt config list -kind service-splitter -filter 'Name matches "^a"'
    yurt config delete -kind service-splitter -name api

Over HTTP they are \`/v1/config\`, and what they come to for one service is \`/v1/discovery-chain/api\`:
router, splitters, resolvers and the targets that requests end at. \`yurt mesh explain web api /path\` shows the way of one
request, and which entry sets what on it.

An entry is refused when it is written, with its kind and name, the field and the reason: where it has a key that is not
known or a value that is not allowed, where Envoy would not take what it comes to, and where with it, or without it, the
entries of a service would contradict one another. A change takes effect on all proxies that it concerns at once.

Durations are written as \`"1h30m"\`; a bare number counts nanoseconds. Filters are written as
\`Service.Meta.version == "v2" and "canary" in Service.Tags\`, with \`==\`, \`!=\`, \`in\`, \`contains\`, \`matches\`,
\`is empty\`, their opposites with \`not\`, \`and\`, \`or\`, parentheses, and \`any Checks as check { … }\`.

This page is made from the schemas that read entries: \`node scripts/config-entries.ts\` writes it anew.

Kinds: ${Object.keys(configKinds)
  .map((kind) => `[${kind}](#${kind})`)
  .join(", ")}.`;

/** The generated file, by its path from the root of the repository. */
export function configEntriesPage(): Readonly<Record<string, string>> {
  return {
    "docs/config-entries.md": toReference({
      title: "Config entries",
      introduction,
      schemas: Object.values(configKinds).map(({ schema }) => schema),
      notCarriedOut: [],
      names: "schema",
    }),
  };
}

if (import.meta.main) {
  for (const [path, content] of Object.entries(configEntriesPage()))
    writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), content);
}
