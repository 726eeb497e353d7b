import type { Failover, ServiceResolver } from "#model/config-entry/service-resolver.ts";
import { second } from "#model/schema/duration.ts";
import { ChainError } from "./chain-error.ts";
import type { ChainOverrides, ChainTarget, ResolverNode } from "./compiled-chain.ts";
import { type Move, movedTo, type Place, placeId, serverName } from "./place.ts";
import type { ReadEntry } from "./protocol.ts";
import type { ChainQuestion, Imported } from "./question.ts";

const defaultConnectTimeout = 5 * second;

/** A place behind all redirects, with its subset known to be there. */
interface Settled {
  readonly place: Place;
  readonly resolver: ServiceResolver | null;
}

/** What one compilation learns of resolvers: their targets, and which of its overrides had an effect. */
export class Resolution {
  readonly targets = new Map<string, ChainTarget>();
  readonly effective = new Set<keyof ChainOverrides>();
  readonly #question: ChainQuestion;
  readonly #read: ReadEntry;
  readonly #met: (service: string) => void;

  /** `met` is told every service that requests may go to. */
  constructor(question: ChainQuestion, read: ReadEntry, met: (service: string) => void) {
    this.#question = question;
    this.#read = read;
    this.#met = met;
  }

  node(asked: Place): ResolverNode {
    const settled = this.#settle(asked);
    const { resolver, place } = settled;
    const target = this.#target(settled);
    const failover = this.#failover(settled, target.ID);
    return {
      Type: "resolver",
      Name: placeId(place),
      Resolver: {
        Default: resolver === null || saysNothing(resolver),
        ConnectTimeout: target.ConnectTimeout,
        RequestTimeout: resolver?.RequestTimeout ?? 0,
        Target: target.ID,
        Failover: failover.length === 0 ? null : { Targets: failover },
      },
      LoadBalancer: resolver?.LoadBalancer ?? null,
    };
  }

  #settle(asked: Place): Settled {
    const trail: string[] = [];
    for (let place = asked; ; ) {
      const resolver = this.#resolverOf(place);
      const redirected = resolver?.Redirect ? movedTo(place, resolver.Redirect) : place;
      const id = placeId(place);
      if (placeId(redirected) === id) return settledIn(place, resolver);
      if (trail.includes(id)) throw circularRedirect(asked.service, [...trail, id]);
      trail.push(id);
      place = redirected;
    }
  }

  /** What a peer's resolver says, the peer itself carries out. */
  #resolverOf({ service, peer }: Place): ServiceResolver | null {
    if (peer !== "") return null;
    this.#met(service);
    const resolver = this.#read("service-resolver", service) ?? null;
    if (resolver !== null && this.#externalSni(service) !== "") refuseExternal(resolver);
    return resolver;
  }

  /** The others that are tried in turn. A target's own failover is not followed, its redirects are. */
  #failover({ place, resolver }: Settled, ownId: string): string[] {
    const byPlace = resolver?.Failover ?? {};
    const failover = ownValue(byPlace, place.subset) ?? ownValue(byPlace, "*");
    const ids = movesOf(failover).map((move) => this.#target(this.#settle(movedTo(place, move))).ID);
    return [...new Set(ids)].filter((id) => id !== ownId);
  }

  #target({ place, resolver }: Settled): ChainTarget {
    const id = placeId(place);
    const known = this.targets.get(id);
    if (known !== undefined) return known;
    const externalSni = place.peer === "" ? this.#externalSni(place.service) : "";
    const imported = place.peer === "" ? null : this.#question.imported?.(place.peer, place.service);
    const name = imported ? importedName(place, imported) : serverName(place, this.#question.trustDomain);
    const target: ChainTarget = {
      ID: id,
      Service: place.service,
      ServiceSubset: place.subset,
      Namespace: "default",
      Partition: "default",
      Datacenter: place.datacenter,
      Peer: place.peer,
      MeshGateway: { Mode: this.#meshGateway(place) },
      TransparentProxy: { DialedDirectly: this.#dialedDirectly(place) },
      Subset: ownValue(resolver?.Subsets ?? {}, place.subset) ?? { Filter: "", OnlyPassing: false },
      ConnectTimeout: this.#connectTimeout(resolver),
      External: externalSni !== "",
      SNI: externalSni || imported?.serverName || name,
      Name: name,
    };
    this.targets.set(id, target);
    return target;
  }

  #dialedDirectly({ service, peer }: Place): boolean {
    const ofService = peer === "" ? this.#read("service-defaults", service)?.TransparentProxy : null;
    const settings = ofService ?? this.#read("proxy-defaults", "global")?.TransparentProxy;
    return settings?.DialedDirectly ?? false;
  }

  #externalSni(service: string): string {
    return this.#read("service-defaults", service)?.ExternalSNI ?? "";
  }

  #connectTimeout(resolver: ServiceResolver | null): number {
    const own = resolver?.ConnectTimeout || defaultConnectTimeout;
    return this.#overridden("connectTimeout", own) || own;
  }

  #meshGateway({ service, datacenter, peer }: Place): ChainTarget["MeshGateway"]["Mode"] {
    const { usedIn = this.#question.datacenter } = this.#question;
    if (peer === "" && datacenter === usedIn) return "";
    const ofService = peer === "" ? this.#read("service-defaults", service)?.MeshGateway?.Mode : "";
    const own = ofService || this.#read("proxy-defaults", "global")?.MeshGateway?.Mode || "";
    return this.#overridden("meshGateway", own) || own;
  }

  #overridden<Setting extends "connectTimeout" | "meshGateway">(
    setting: Setting,
    own: ChainOverrides[Setting],
  ): ChainOverrides[Setting] {
    const override = this.#question.overrides[setting];
    if (override && override !== own) this.effective.add(setting);
    return override;
  }
}

/** Consul's form. */
function importedName({ service, peer }: Place, { trustDomain }: Imported): string {
  return `${service}.default.${peer}.external.${trustDomain}`;
}

function settledIn(place: Place, resolver: ServiceResolver | null): Settled {
  const subset = place.subset || (resolver?.DefaultSubset ?? "");
  if (subset !== "" && place.peer === "" && ownValue(resolver?.Subsets ?? {}, subset) === undefined) {
    const message = `service "${place.service}" does not have a subset named "${subset}"`;
    throw new ChainError("missing subset", "service-resolver", place.service, message);
  }
  return { place: { ...place, subset }, resolver };
}

function movesOf(failover: Failover | undefined): readonly Move[] {
  if (failover === undefined) return [];
  const { Service, ServiceSubset, Datacenters, Targets } = failover;
  if (Targets.length > 0) return Targets;
  if (Datacenters.length === 0) return [{ Service, ServiceSubset }];
  return Datacenters.map((Datacenter) => ({ Service, ServiceSubset, Datacenter }));
}

function circularRedirect(service: string, trail: readonly string[]): ChainError {
  const message = `detected circular resolver redirect: [${trail.join(" -> ")}]`;
  return new ChainError("circular redirect", "service-resolver", service, message);
}

/** What is outside of the mesh has no instances to choose among. */
function refuseExternal({ Name, Redirect, Subsets, Failover }: ServiceResolver): void {
  const what =
    Redirect !== null
      ? "redirects"
      : Object.keys(Subsets).length > 0
        ? "subsets"
        : Object.keys(Failover).length > 0
          ? "failover"
          : null;
  if (what === null) return;
  const message = `service "${Name}" has an external SNI set; it cannot have ${what}`;
  throw new ChainError("external service", "service-resolver", Name, message);
}

function saysNothing(resolver: ServiceResolver): boolean {
  const { DefaultSubset, Subsets, Redirect, Failover, ConnectTimeout, RequestTimeout, LoadBalancer } =
    resolver;
  return (
    DefaultSubset === "" &&
    Redirect === null &&
    LoadBalancer === null &&
    ConnectTimeout === 0 &&
    RequestTimeout === 0 &&
    Object.keys({ ...Subsets, ...Failover }).length === 0
  );
}

/** A subset may be named like a property that every object has. */
function ownValue<Value>(map: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
