import { checks, roots, services } from "#mesh/tables.ts";
import { type ServiceInstance, worstStatus } from "#model/catalog.ts";
import type { TemplateAnswer, TemplateInstance, TemplateQuery } from "#model/template-data.ts";
import type { State } from "#state/state.ts";
import { keyOf, type Table } from "#state/table.ts";
import { keyEntries, keyEntry } from "./keys.ts";
import type { Server } from "./server.ts";
import { keys, nodes, variables } from "./tables.ts";
import { watchLeaf } from "./template-leaf.ts";
import { variableAt, variablesBelow } from "./variables.ts";

/** The answer to a template's question, and a new one each time it has changed, until `signal` aborts. */
export async function* watchTemplateData<Query extends TemplateQuery>(
  { state, mesh }: Pick<Server, "state" | "mesh">,
  query: Query,
  signal: AbortSignal,
): AsyncGenerator<TemplateAnswer<Query>> {
  if (query.kind === "leaf") {
    yield* watchLeaf(mesh, query.service, signal) as AsyncGenerator<TemplateAnswer<Query>>;
    return;
  }
  const tables = TABLES[query.kind] as readonly Table<never>[];
  let last: string | null = null;
  while (!signal.aborted) {
    const index = state.index(...tables);
    const answer = templateData(state, query);
    const digest = JSON.stringify(answer);
    if (digest !== last) yield answer as TemplateAnswer<Query>;
    last = digest;
    await state.changed(tables, index, signal);
  }
}

type TableQuery = Exclude<TemplateQuery, { kind: "leaf" }>;

const CATALOG = [services, checks, nodes];

/** What an answer is made from: a change elsewhere does not change it. */
const TABLES: Readonly<Record<TableQuery["kind"], readonly unknown[]>> = {
  key: [keys],
  keys: [keys],
  variable: [variables],
  variables: [variables],
  roots: [roots],
  service: CATALOG,
  connect: CATALOG,
  services: CATALOG,
  "nomad service": CATALOG,
  "nomad services": CATALOG,
};

function templateData(state: State, query: TableQuery): TemplateAnswer<TableQuery> {
  switch (query.kind) {
    case "key": {
      const entry = keyEntry(state, query.key);
      return entry === undefined ? null : plain(entry.Value);
    }
    case "keys":
      return keyEntries(state, query.prefix).map(({ Key, Value, Flags }) => ({
        key: Key,
        value: plain(Value),
        flags: Flags,
      }));
    case "service":
      return instances(
        state,
        state.find(services, "name", query.name).filter(({ Provider }) => Provider === "consul"),
      );
    case "connect":
      return instances(state, state.find(services, "destination", query.name));
    case "nomad service":
      return instances(
        state,
        state.find(services, "name", query.name).filter(({ Provider }) => Provider === "nomad"),
      );
    case "services":
      return names(state.all(services).filter(({ Provider }) => Provider === "consul"));
    case "nomad services":
      return names(state.all(services).filter(({ Provider }) => Provider === "nomad"));
    case "variable":
      return variableAt(state, query.namespace, query.path)?.Items ?? null;
    case "variables":
      return variablesBelow(state, query.namespace, query.prefix).map(({ Path, Namespace }) => ({
        path: Path,
        namespace: Namespace,
      }));
    case "roots":
      return state
        .all(roots)
        .map(({ Name, RootCert, Active }) => ({ name: Name, pem: RootCert, isActive: Active }));
  }
}

function plain(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

function instances(state: State, found: readonly ServiceInstance[]): TemplateInstance[] {
  return found
    .map((instance) => instanceOf(state, instance))
    .sort((a, b) => (a.node + a.id < b.node + b.id ? -1 : 1));
}

function instanceOf(state: State, instance: ServiceInstance): TemplateInstance {
  const [node] = state.find(nodes, "name", instance.Node);
  return {
    id: instance.ID,
    name: instance.Service,
    node: instance.Node,
    nodeId: node?.ID ?? "",
    nodeAddress: node?.Address ?? "",
    datacenter: node?.Datacenter ?? "",
    address: instance.Address || (node?.Address ?? ""),
    port: instance.Port,
    tags: instance.Tags,
    meta: instance.Meta,
    status: worstStatus(state.find(checks, "instance", keyOf(instance.Node, instance.ID))),
    jobId: instance.JobID,
    allocationId: instance.AllocID,
    weights: { passing: instance.Weights.Passing, warning: instance.Weights.Warning },
  };
}

function names(found: readonly ServiceInstance[]): { name: string; tags: string[] }[] {
  const tags = new Map<string, Set<string>>();
  for (const { Service, Tags } of found) tags.set(Service, new Set([...(tags.get(Service) ?? []), ...Tags]));
  return [...tags]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, all]) => ({ name, tags: [...all].sort() }));
}
