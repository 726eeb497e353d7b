import type { ProxyPlan } from "./simulated-proxy.ts";

/**
 * A mesh of n proxies: n/10 services of 10 instances, 5 upstreams each. Every service reaches the next one in the
 * ring, which nobody else does; three of a middle group, which some reach; and service 0, which all reach.
 */
export interface MeshPlan {
  readonly proxies: readonly Instance[];
  /** By how many proxies a change of its endpoints touches: the fewest, some, all. */
  readonly targets: { readonly few: Target; readonly some: Target; readonly all: Target };
}

export interface Target {
  readonly service: string;
  readonly touches: number;
}

export interface Instance extends ProxyPlan {
  /** The id of the instance that the proxy stands before. */
  readonly instance: string;
  readonly address: string;
}

const INSTANCES = 10;

export function meshPlan(n: number): MeshPlan {
  const count = Math.max(6, Math.floor(n / INSTANCES));
  const services = Array.from({ length: count }, (_, i) => `service-${i}`);
  const middle = Math.max(3, Math.floor(count / 5));
  const upstreams = services.map((name, i) => {
    const others = [i * 3, i * 3 + 1, i * 3 + 2].map((k) => 1 + (k % middle));
    const names = [0, ...others, (i + 1) % count].map((k) => services[k] ?? "");
    return [...new Set(names)].filter((other) => other !== name);
  });
  const proxies = services.flatMap((service, i) =>
    Array.from({ length: INSTANCES }, (_, j): Instance => {
      const instance = `${service}-${j}`;
      const number = i * INSTANCES + j + 1;
      const address = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
      return { id: `${instance}-sidecar-proxy`, instance, service, upstreams: upstreams[i] ?? [], address };
    }),
  );
  const target = (service: string): Target => ({
    service,
    touches: proxies.filter((proxy) => proxy.upstreams.includes(service)).length,
  });
  const last = services.at(-1) ?? "";
  return { proxies, targets: { few: target(last), some: target("service-1"), all: target("service-0") } };
}
