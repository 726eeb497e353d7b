import { isDeepStrictEqual } from "node:util";
import type { Subset } from "#model/config-entry/service-resolver.ts";
import type { TrustDomain } from "../ca/spiffe.ts";
import { cells } from "../cells.ts";
import type { Endpoint } from "../endpoint.ts";
import type { WayElsewhere } from "../gateway/elsewhere.ts";
import type { TableCells } from "../table-cells.ts";
import { datacenters, distantEndpoints, distantKey } from "./tables.ts";

/** All instances of a service. */
export const everyInstance: Subset = { Filter: "", OnlyPassing: false };

/** The other datacenters of this mesh, as they last told of themselves. */
export class Datacenters {
  readonly #sources: TableCells;

  constructor(sources: TableCells) {
    this.#sources = sources;
  }

  readonly #names = cells(
    (): readonly string[] =>
      this.#sources
        .find(datacenters, "known", "yes")
        .map(({ Name }) => Name)
        .sort(),
    isDeepStrictEqual,
  );

  /** In order. */
  names(): readonly string[] {
    return this.#names("");
  }

  /** The mesh gateways of one, as they are reached from elsewhere. */
  gatewaysOf(datacenter: string): readonly Endpoint[] {
    return this.endpointsOf(datacenter, "", everyInstance);
  }

  /** The instances of a service there, at their own addresses. */
  endpointsOf(Datacenter: string, Service: string, Subset: Subset): readonly Endpoint[] {
    return this.#sources.get(distantEndpoints, distantKey({ Datacenter, Service, Subset }))?.Endpoints ?? [];
  }

  /** By which server names mesh gateways know that a connection is for one. */
  ways(trustDomain: TrustDomain): WayElsewhere[] {
    return this.names().map((name) => ({
      elsewhere: { kind: "datacenter", name },
      cluster: `${name}.internal.${trustDomain}`,
      serverName: `*.${name}.internal.${trustDomain}`,
    }));
  }
}
