import { type ConfigEntry, readConfigEntry } from "#model/config-entry/config-entry.ts";
import { type Diagnostic, errorAt, type Path } from "#model/diagnostic.ts";
import type { Gateway, IngressGateway, TerminatingGateway } from "#model/job/gateway.ts";
import type { Job } from "#model/job/job.ts";
import type { Service } from "#model/job/service.ts";

/** The config entries that a job's gateway blocks stand for, and what is wrong with them. */
export interface GatewayEntries {
  readonly entries: readonly ConfigEntry[];
  readonly problems: readonly Diagnostic[];
}

/** Which job wrote an entry: it may change it, and takes it along when it goes. */
export const WRITTEN_BY = "nomad-job";

/** Two gateways of a job share a name only where they say the same. */
export function gatewayEntries(job: Job): GatewayEntries {
  const byName = new Map<string, ConfigEntry>();
  const problems: Diagnostic[] = [];
  for (const { service, gateway, path } of gatewaysOf(job)) {
    const read = entryOf(job, service, gateway, path);
    if (read === null) continue;
    problems.push(...read.problems);
    if (read.entry === null) continue;
    const name = `${read.entry.Kind}/${read.entry.Name}`;
    const other = byName.get(name);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(read.entry)) {
      const detail = `Another gateway "${service.Name}" of the job says something else: there is one ${read.entry.Kind} entry of that name for all of them.`;
      problems.push(errorAt(path, "Contradictory gateways", detail));
    }
    byName.set(name, read.entry);
  }
  return { entries: [...byName.values()], problems };
}

function gatewaysOf(job: Job) {
  return job.TaskGroups.flatMap((group, g) =>
    group.Services.flatMap((service, s) => {
      const gateway = service.Connect?.Gateway;
      const path: Path = ["TaskGroups", g, "Services", s, "Connect", "Gateway"];
      return gateway ? [{ service, gateway, path }] : [];
    }),
  );
}

/** Null for kinds whose configuration is no part of the block. */
function entryOf(job: Job, { Name }: Service, { Ingress, Terminating }: Gateway, path: Path) {
  const Meta = { "external-source": "nomad", [WRITTEN_BY]: `${job.Namespace}/${job.ID}` };
  if (Ingress !== null) return read({ ...ingressEntry(Ingress), Name, Meta }, [...path, "Ingress"]);
  if (Terminating !== null)
    return read({ ...terminatingEntry(Terminating), Name, Meta }, [...path, "Terminating"]);
  return null;
}

/** What the entry's own rules find stands at the same names in the block. */
function read(written: object, path: Path): Entry {
  const { entry, problems } = readConfigEntry(written);
  return {
    entry,
    problems: problems.map((problem) => ({ ...problem, path: [...path, ...(problem.path ?? [])] })),
  };
}

interface Entry {
  readonly entry: ConfigEntry | null;
  readonly problems: readonly Diagnostic[];
}

function ingressEntry({ TLS, Listeners }: IngressGateway) {
  return {
    Kind: "ingress-gateway",
    TLS,
    Listeners: Listeners.map(({ Services, ...listener }) => ({
      ...listener,
      Services: Services.map(({ TLS: tls, ...service }) => ({
        ...service,
        TLS: tls?.SDS ? { SDS: tls.SDS } : null,
      })),
    })),
  };
}

function terminatingEntry({ Services }: TerminatingGateway) {
  return { Kind: "terminating-gateway", Services };
}
