import { hash } from "node:crypto";
import { isHttpLike, type Protocol } from "#model/config-entry/protocol.ts";
import {
  type RouteDestination,
  type ServiceRouter,
  serviceRoute,
} from "#model/config-entry/service-router.ts";
import type { ServiceSplit, ServiceSplitter } from "#model/config-entry/service-splitter.ts";
import { canonical } from "#model/schema/canonical.ts";
import { ChainError } from "./chain-error.ts";
import type { ChainNode, ChainSplit, ChainTarget, CompiledChain, SplitterNode } from "./compiled-chain.ts";
import { type Place, serviceId } from "./place.ts";
import { protocolOf, type ReadEntry } from "./protocol.ts";
import type { ChainQuestion } from "./question.ts";
import { Resolution } from "./resolve.ts";
import { insteadOf } from "./splits.ts";

/**
 * Where the requests to a service go, by Consul's rules: the service's router, then splitters, then resolvers.
 * A function of what it reads. Gives the error instead where the entries contradict one another.
 */
export function compileChain(question: ChainQuestion, read: ReadEntry): CompiledChain | ChainError {
  try {
    return new Compilation(question, read).chain();
  } catch (error) {
    if (error instanceof ChainError) return error;
    throw error;
  }
}

class Compilation {
  readonly #question: ChainQuestion;
  readonly #read: ReadEntry;
  readonly #protocol: Protocol;
  readonly #resolution: Resolution;
  /** By key, in the order in which they were begun. */
  readonly #nodes = new Map<string, ChainNode>();

  constructor(question: ChainQuestion, read: ReadEntry) {
    this.#question = question;
    this.#read = read;
    const { service, peer = "", imported } = question;
    this.#protocol = peer === "" ? protocolOf(service, read) : (imported?.(peer, service)?.protocol ?? "tcp");
    this.#resolution = new Resolution(question, read, (service) => this.#agree(service));
  }

  chain(): CompiledChain {
    const { service, datacenter, overrides } = this.#question;
    const StartNode = this.#start();
    const Nodes = reachableFrom(StartNode, this.#nodes);
    const defaults = this.#read("service-defaults", service);
    const everywhere = this.#read("proxy-defaults", "global");
    if (overrides.protocol !== "" && overrides.protocol !== this.#protocol) {
      this.#resolution.effective.add("protocol");
    }
    return {
      ServiceName: service,
      Namespace: "default",
      Partition: "default",
      Datacenter: datacenter,
      CustomizationHash: this.#customizationHash(),
      Default: this.#isDefault(Nodes[StartNode]),
      Protocol: overrides.protocol || this.#protocol,
      ServiceMeta: defaults?.Meta ?? {},
      EnvoyExtensions: [...(everywhere?.EnvoyExtensions ?? []), ...(defaults?.EnvoyExtensions ?? [])],
      StartNode,
      Nodes,
      Targets: targetsOf(Nodes, this.#resolution.targets),
    };
  }

  /** An override to TCP leaves routers and splitters out; without one, they must not be there. */
  #start(): string {
    const { service, overrides, peer = "" } = this.#question;
    if (peer !== "") return this.#resolver(service, "");
    if (overrides.protocol !== "" && !isHttpLike(overrides.protocol)) return this.#resolver(service, "");
    const router = this.#read("service-router", service);
    const start = router === undefined ? this.#splitterOrResolver(service, []) : this.#router(router);
    const { Type } = this.#nodes.get(start) ?? {};
    if (Type !== "resolver" && !isHttpLike(overrides.protocol || this.#protocol)) {
      throw new ChainError(
        "protocol without requests",
        `service-${Type ?? "router"}`,
        service,
        `discovery chain "${service}" uses a protocol "${this.#protocol}" that does not permit advanced routing or splitting behavior`,
      );
    }
    return start;
  }

  #router({ Name, Routes }: ServiceRouter): string {
    const everything = canonical(serviceRoute, {
      Match: { HTTP: { PathPrefix: "/" } },
      Destination: { Service: Name },
    });
    return this.#node(`router:${serviceId(Name)}`, () => ({
      Type: "router",
      Name: serviceId(Name),
      Routes: [...Routes, everything].map((Definition) => ({
        Definition,
        NextNode: this.#destination(Name, Definition.Destination),
      })),
    }));
  }

  #destination(router: string, destination: RouteDestination | null): string {
    const { Service = "", ServiceSubset = "" } = destination ?? {};
    return ServiceSubset === ""
      ? this.#splitterOrResolver(Service || router, [])
      : this.#resolver(Service || router, ServiceSubset);
  }

  /** `outer`: the services whose splitters led here. */
  #splitterOrResolver(service: string, outer: readonly string[]): string {
    const splitter = this.#read("service-splitter", service);
    return splitter === undefined ? this.#resolver(service, "") : this.#splitter(splitter, outer);
  }

  #splitter({ Name, Splits }: ServiceSplitter, outer: readonly string[]): string {
    const trail = [...outer, Name];
    if (outer.includes(Name)) throw circularReference(trail);
    return this.#node(`splitter:${serviceId(Name)}`, () => {
      const splits = Splits.flatMap((split) => this.#splits(Name, split, trail));
      return {
        Type: "splitter",
        Name: serviceId(Name),
        Splits: splits,
        LoadBalancer: this.#loadBalancerOf(splits),
      };
    });
  }

  /** What one split comes to: itself, or those of the splitter that it leads to. */
  #splits(splitter: string, split: ServiceSplit, trail: readonly string[]): readonly ChainSplit[] {
    const service = split.Service || splitter;
    const isOwn = service === splitter || split.ServiceSubset !== "";
    const NextNode = isOwn
      ? this.#resolver(service, split.ServiceSubset)
      : this.#splitterOrResolver(service, trail);
    const next = this.#nodes.get(NextNode);
    const own = { Definition: split, Weight: split.Weight, NextNode };
    return next?.Type === "splitter" ? insteadOf(own, next.Splits) : [own];
  }

  /** Requests are hashed before it is known which split they take: the first that says how decides. */
  #loadBalancerOf(splits: readonly ChainSplit[]): SplitterNode["LoadBalancer"] {
    const all = splits.flatMap(({ NextNode }) => {
      const next = this.#nodes.get(NextNode);
      return next?.Type === "resolver" && next.LoadBalancer !== null ? [next.LoadBalancer] : [];
    });
    return all.find(({ HashPolicies }) => HashPolicies.length > 0) ?? all[0] ?? null;
  }

  #resolver(service: string, subset: string): string {
    const { datacenter, peer = "" } = this.#question;
    const place: Place = { service, subset, peer, datacenter: peer === "" ? datacenter : "" };
    const node = this.#resolution.node(place);
    return this.#node(`resolver:${node.Name}`, () => node);
  }

  #node(key: string, make: () => ChainNode): string {
    if (!this.#nodes.has(key)) this.#nodes.set(key, make());
    return key;
  }

  #agree(service: string): void {
    const { service: first } = this.#question;
    const protocol = protocolOf(service, this.#read);
    if (protocol === this.#protocol) return;
    throw new ChainError(
      "inconsistent protocols",
      "service-defaults",
      service,
      `discovery chain "${first}" uses inconsistent protocols; service "${service}" has "${protocol}" which is not "${this.#protocol}"`,
    );
  }

  #isDefault(start: ChainNode | undefined): boolean {
    if (start?.Type !== "resolver" || !start.Resolver.Default) return false;
    const target = this.#resolution.targets.get(start.Resolver.Target);
    return target?.Service === this.#question.service && target.Peer === "";
  }

  #customizationHash(): string {
    const { effective } = this.#resolution;
    if (effective.size === 0) return "";
    return hash("sha256", JSON.stringify(this.#question.overrides)).slice(0, 8);
  }
}

function circularReference(trail: readonly string[]): ChainError {
  const message = `detected circular reference: [${trail.join(" -> ")}]`;
  return new ChainError("circular reference", "service-splitter", trail.at(-1) ?? "", message);
}

function nextOf(node: ChainNode): readonly string[] {
  switch (node.Type) {
    case "router":
      return node.Routes.map(({ NextNode }) => NextNode);
    case "splitter":
      return node.Splits.map(({ NextNode }) => NextNode);
    case "resolver":
      return [];
  }
}

/** Splitters whose splits were taken over by others may be left without a way to them. */
function reachableFrom(start: string, nodes: ReadonlyMap<string, ChainNode>): Record<string, ChainNode> {
  const reached = new Set([start]);
  for (const key of reached) {
    const node = nodes.get(key);
    if (node !== undefined) for (const next of nextOf(node)) reached.add(next);
  }
  return Object.fromEntries(
    [...reached].flatMap((key) => {
      const node = nodes.get(key);
      return node === undefined ? [] : [[key, node]];
    }),
  );
}

function targetsOf(
  nodes: Readonly<Record<string, ChainNode>>,
  targets: ReadonlyMap<string, ChainTarget>,
): Record<string, ChainTarget> {
  const named = Object.values(nodes).flatMap((node) =>
    node.Type === "resolver" ? [node.Resolver.Target, ...(node.Resolver.Failover?.Targets ?? [])] : [],
  );
  return Object.fromEntries(
    [...new Set(named)].sort().flatMap((id) => {
      const target = targets.get(id);
      return target === undefined ? [] : [[id, target]];
    }),
  );
}
