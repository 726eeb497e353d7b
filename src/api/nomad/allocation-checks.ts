import type { FastifyInstance, FastifyRequest } from "fastify";
import { checks, services } from "#mesh/tables.ts";
import type { HealthCheck, ServiceInstance } from "#model/catalog.ts";
import { allocations } from "#server/tables.ts";
import { keyOf, type Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { notFound } from "../http-error.ts";
import { blockingQuery, parametersOf } from "../query.ts";

/** The services that an allocation has in the catalog, and how their checks stand. */
export function allocationCheckRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  const servicesOf = (request: FastifyRequest): Row<ServiceInstance>[] => {
    const allocation = state.get(allocations, parametersOf(request)["id"] ?? "");
    if (allocation === undefined) throw notFound("alloc not found");
    return state.find(services, "allocation", allocation.ID);
  };
  const checksOf = ({ Node, ID }: ServiceInstance) => state.find(checks, "instance", keyOf(Node, ID));

  for (const url of ["/v1/allocation/:id/checks", "/v1/client/allocation/:id/checks"])
    app.get(url, (request, reply) =>
      blockingQuery(state, [services, checks], request, reply, () => {
        const rows = servicesOf(request).flatMap((service) =>
          checksOf(service).map((check) => shown(service, check)),
        );
        return Object.fromEntries(rows.map((row) => [row.ID, row]));
      }),
    );

  app.get("/v1/allocation/:id/services", (request, reply) =>
    blockingQuery(state, [services], request, reply, () => servicesOf(request)),
  );
}

/** Nomad knows three states of a check; Yurt adds the catalog's own. */
function shown({ Service, AllocID }: ServiceInstance, check: Row<HealthCheck>) {
  const isPending = check.Status === "critical" && check.Output === "";
  return {
    ID: check.CheckID,
    Check: check.Name,
    Service,
    Group: AllocID,
    Task: "",
    Mode: "healthiness",
    Status: isPending ? "pending" : check.Status === "passing" ? "success" : "failure",
    CatalogStatus: check.Status,
    Output: check.Output,
    ModifyIndex: check.ModifyIndex,
  };
}
