import type { DiffType } from "#model/job/diff.ts";
import type { Gateway } from "#model/job/gateway.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import { roleOfGateway } from "#model/job/proxy-kind.ts";
import type { Service } from "#model/job/service.ts";
import { decide } from "./intention-decision.ts";
import { local } from "./intentions.ts";
import type { Mesh } from "./mesh.ts";

/** What a new version of a job changes in the mesh. Field names are those of the API. */
export interface MeshEffects {
  readonly Changes: readonly MeshChange[];
  /** Upstreams that lead nowhere, or that nobody may use: as sentences. */
  readonly Warnings: readonly string[];
}

export interface MeshChange {
  readonly Type: Exclude<DiffType, "None">;
  readonly Kind: MeshPart["kind"];
  /** A service or a gateway by its name, an upstream as "web => api". */
  readonly Name: string;
  /** As it was and as it will be; empty where it is not there. */
  readonly Old: string;
  readonly New: string;
}

interface MeshPart {
  readonly kind: "service" | "gateway" | "upstream";
  readonly name: string;
  /** All that makes a difference to others. */
  readonly shown: string;
}

/** Reads cells of the mesh: call it through `readOnce`. */
export function jobEffects(mesh: Mesh, before: Job | null, after: Job): MeshEffects {
  const [old, now] = [before === null ? [] : partsOf(before), partsOf(after)];
  return {
    Changes: changes(old, now),
    Warnings: [
      ...upstreamsOf(after).flatMap((pair) => obstacles(mesh, after, pair)),
      ...peerWarnings(mesh, after),
    ],
  };
}

function changes(old: readonly MeshPart[], now: readonly MeshPart[]): MeshChange[] {
  const keyOf = ({ kind, name }: MeshPart) => `${kind} ${name}`;
  const [before, after] = [old, now].map((parts) => new Map(parts.map((part) => [keyOf(part), part])));
  return [...new Set([...(after?.keys() ?? []), ...(before?.keys() ?? [])])].flatMap((key): MeshChange[] => {
    const [was, is] = [before?.get(key), after?.get(key)];
    const part = is ?? was;
    if (part === undefined || was?.shown === is?.shown) return [];
    const Type = was === undefined ? "Added" : is === undefined ? "Deleted" : "Edited";
    return [{ Type, Kind: part.kind, Name: part.name, Old: was?.shown ?? "", New: is?.shown ?? "" }];
  });
}

function partsOf(job: Job): MeshPart[] {
  return job.Stop ? [] : [...servicesOf(job).map(servicePart), ...upstreamsOf(job).map(upstreamPart)];
}

function servicesOf({ TaskGroups }: Job): Service[] {
  const ofGroup = ({ Services, Tasks }: TaskGroup) => [
    ...Services,
    ...Tasks.flatMap((task) => task.Services),
  ];
  return TaskGroups.flatMap(ofGroup).filter(({ Provider }) => Provider === "consul");
}

function servicePart({ Name, PortLabel, Connect }: Service): MeshPart {
  const port = PortLabel === "" ? "without a port" : `port ${PortLabel}`;
  const gateway = Connect?.Gateway;
  if (gateway) return { kind: "gateway", name: Name, shown: `${gatewayShown(gateway)}, ${port}` };
  const proxy = Connect?.SidecarService ? ", behind a sidecar" : Connect?.Native ? ", native" : "";
  return { kind: "service", name: Name, shown: `${port}${proxy}` };
}

/** Its kind, with what it leads to where its block says so. */
function gatewayShown(gateway: Gateway): string {
  const role = roleOfGateway(gateway);
  const listeners = (gateway.Ingress?.Listeners ?? []).map(
    ({ Port, Protocol, Services }) =>
      `${Protocol} ${Port} to ${Services.map(({ Name }) => Name).join(" and ")}`,
  );
  const linked = (gateway.Terminating?.Services ?? []).map(({ Name }) => Name);
  const leads = [...listeners, ...linked].join(", ");
  return leads === "" ? role : `${role} (${leads})`;
}

interface UpstreamPair {
  readonly source: string;
  readonly destination: string;
  readonly datacenter: string;
  readonly peer: string;
  readonly bind: string;
}

function upstreamsOf(job: Job): UpstreamPair[] {
  return servicesOf(job).flatMap(({ Name, Connect }) =>
    (Connect?.SidecarService?.Proxy?.Upstreams ?? []).map((upstream) => ({
      source: Name,
      destination: upstream.DestinationName,
      datacenter: upstream.Datacenter,
      peer: upstream.DestinationPeer,
      bind:
        upstream.LocalBindSocketPath ||
        `${upstream.LocalBindAddress || "127.0.0.1"}:${upstream.LocalBindPort || "(chosen)"}`,
    })),
  );
}

function upstreamPart({ source, destination, bind, datacenter, peer }: UpstreamPair): MeshPart {
  const where = `${datacenter === "" ? "" : ` in datacenter ${datacenter}`}${peer === "" ? "" : ` of peer ${peer}`}`;
  return { kind: "upstream", name: `${source} => ${destination}`, shown: `at ${bind}${where}` };
}

/** Upstreams of a job at peers that are not known, or do not let them be called: as sentences that name the field. */
export function peerWarnings(mesh: Mesh, job: Job): string[] {
  return upstreamsOf(job).flatMap(({ source, destination, peer }) => {
    if (peer === "" || mesh.peers.service(peer, destination) !== undefined) return [];
    const isKnown = mesh.peers.all("").some((each) => each.peer === peer);
    const why = isKnown
      ? `the peer "${peer}" exports no service "${destination}" to this mesh`
      : `there is no peer "${peer}" yet: make it one with peering establish`;
    return [`upstream "${source}" => "${destination}": DestinationPeer: ${why}`];
  });
}

/** Of other datacenters nothing is known here. */
function obstacles(mesh: Mesh, job: Job, { source, destination, datacenter, peer }: UpstreamPair): string[] {
  const isElsewhere = peer !== "" || (datacenter !== "" && datacenter !== mesh.datacenter);
  if (isElsewhere) return [];
  const isBrought = servicesOf(job).some(({ Name, Connect }) => Name === destination && Connect !== null);
  const isKnown =
    isBrought || mesh.instances.proxiesOf(destination).length > 0 || mesh.isConfigured(destination);
  return [
    ...(isKnown
      ? []
      : [
          `upstream "${source}" => "${destination}": no service "${destination}" with a proxy is registered, and this job brings none`,
        ]),
    ...forbidden(mesh, source, destination),
  ];
}

/** What depends on single requests is left to them. */
function forbidden(mesh: Mesh, source: string, destination: string): string[] {
  const intentions = mesh.access.intentions(destination);
  const { allowed, intention } = decide(intentions, local(source), destination, null, mesh.defaultPolicy);
  const dependsOnRequest = intention !== null && (intention.permissions.length > 0 || intention.jwt !== null);
  if (allowed || dependsOnRequest) return [];
  const why =
    intention === null
      ? "no intention allows it, and the default policy is deny"
      : `the intention ${intention.source.name} => ${intention.destination} denies it`;
  return [
    `upstream "${source}" => "${destination}": ${why}. Allow it with: yurt intention create ${source} ${destination}`,
  ];
}
