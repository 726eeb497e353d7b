import type { ServiceInstance } from "#model/catalog.ts";
import type {
  ConfigEntry,
  FileSystemCertificate,
  InlineCertificate,
} from "#model/config-entry/config-entry.ts";
import type { Row } from "#state/table.ts";
import { cells } from "./cells.ts";
import type { ReadEntry } from "./chain/protocol.ts";
import type { ApiRoute } from "./gateway/api-binding.ts";
import { apiGatewayOf } from "./gateway/api-gateway.ts";
import { apiGatewayStatus, apiRouteStatus, type Condition } from "./gateway/api-status.ts";
import type { EdgeGateway } from "./gateway/edge-gateway.ts";
import { type GatewayService, gatewayServices } from "./gateway/gateway-services.ts";
import { ingressGatewayOf } from "./gateway/ingress-gateway.ts";
import { type MeshGateway, meshGatewayOf } from "./gateway/mesh-gateway.ts";
import type { GatewaySurroundings } from "./gateway/surroundings.ts";
import { type TerminatingGateway, terminatingGatewayOf } from "./gateway/terminating-gateway.ts";
import type { TableCells } from "./table-cells.ts";
import { configEntries, services } from "./tables.ts";

export type Gateway = EdgeGateway | TerminatingGateway | MeshGateway;

/** What each kind of gateway is made of. */
const gatewayKinds: Readonly<
  Partial<Record<string, (instance: ServiceInstance, mesh: GatewaySurroundings) => Gateway | null>>
> = {
  "ingress-gateway": ingressGatewayOf,
  "api-gateway": apiGatewayOf,
  "terminating-gateway": terminatingGatewayOf,
  "mesh-gateway": meshGatewayOf,
};

export type CertificateEntry = InlineCertificate | FileSystemCertificate;

/** The gateways of the mesh: what each must hold, and what entries say of them. */
export class Gateways {
  readonly #sources: TableCells;
  readonly #entry: ReadEntry;
  readonly #mesh: GatewaySurroundings;

  constructor(sources: TableCells, entry: ReadEntry, mesh: GatewaySurroundings) {
    this.#sources = sources;
    this.#entry = entry;
    this.#mesh = mesh;
  }

  /** The one that was there first goes before. */
  readonly routes = cells((): readonly ApiRoute[] =>
    ["http-route", "tcp-route"]
      .flatMap((kind) => this.#sources.find(configEntries, "kind", kind) as readonly Row<ApiRoute>[])
      .toSorted((a, b) => a.CreateIndex - b.CreateIndex || (a.Name < b.Name ? -1 : 1)),
  );

  /** The services behind the ingress and terminating gateways of a name. */
  services(gateway: string): GatewayService[] {
    return gatewayServices(gateway, this.#mesh);
  }

  /** The ingress and API gateways of a name. */
  edge(service: string): EdgeGateway[] {
    const gateways = this.#sources.find(services, "name", service).map(({ ID }) => this.of(ID));
    return gateways.filter((gateway) => gateway?.kind === "edge");
  }

  /** What the gateway with this service id must hold; null while no such gateway is registered. */
  readonly of = cells((proxyId): Gateway | null => {
    const [instance] = this.#sources.find(services, "id", proxyId);
    const make = gatewayKinds[instance?.Kind ?? ""];
    return instance === undefined || make === undefined ? null : make(instance, this.#mesh);
  });

  /** What holds of an API gateway or a route to one; null for other entries. */
  conditions(entry: ConfigEntry): readonly Condition[] | null {
    if (entry.Kind === "api-gateway") return apiGatewayStatus(entry, this.#mesh);
    if (entry.Kind === "http-route" || entry.Kind === "tcp-route") return apiRouteStatus(entry, this.#mesh);
    return null;
  }

  /** That of a gateway for its clients, as its entry has it. */
  certificate(
    kind: "inline-certificate" | "file-system-certificate",
    name: string,
  ): CertificateEntry | undefined {
    return this.#entry(kind, name);
  }
}
