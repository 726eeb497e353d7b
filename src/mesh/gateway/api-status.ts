import type { ApiGateway } from "#model/config-entry/config-entry.ts";
import { isHttpLike } from "#model/config-entry/protocol.ts";
import { type ApiRoute, boundRoutes, refusal } from "./api-binding.ts";
import type { GatewaySurroundings } from "./surroundings.ts";

/** What holds of a gateway or a route; Consul's shape. */
export interface Condition {
  readonly Type: "Accepted" | "ResolvedRefs" | "Conflicted" | "Bound";
  readonly Status: "True" | "False";
  readonly Reason: string;
  readonly Message: string;
  readonly Resource: { readonly Kind: string; readonly Name: string; readonly SectionName: string };
}

export type StatusSource = Pick<GatewaySurroundings, "entry" | "routes" | "protocol">;

/** Worked out of the entries whenever it is read: it is never late. */
export function apiGatewayStatus(gateway: ApiGateway, mesh: StatusSource): Condition[] {
  const sections = boundRoutes(gateway, mesh).flatMap(({ listener, isConflicted }) => {
    const Resource = { Kind: gateway.Kind, Name: gateway.Name, SectionName: listener.Name };
    const missing = (listener.TLS?.Certificates ?? []).filter(
      ({ Kind, Name }) => mesh.entry(Kind as "inline-certificate", Name) === undefined,
    );
    return [
      condition(Resource, "ResolvedRefs", missing.length === 0, [
        ...["ResolvedRefs", "every certificate is there"],
        ...[
          "InvalidCertificateRef",
          `there is no ${missing.map(({ Kind, Name }) => `${Kind}/${Name}`).join(", ")}`,
        ],
      ]),
      condition(Resource, "Conflicted", isConflicted, [
        ...["RouteConflict", "several TCP routes want its connections, and none gets them"],
        ...["NoConflict", "no routes contradict one another"],
      ]),
    ];
  });
  const isGood = sections.every(({ Type, Status }) => Type !== "ResolvedRefs" || Status === "True");
  const whole = { Kind: gateway.Kind, Name: gateway.Name, SectionName: "" };
  return [
    condition(whole, "Accepted", isGood, [
      ...["Accepted", "the gateway is valid"],
      ...["InvalidCertificates", "a listener names certificates that are not there"],
    ]),
    ...sections,
  ];
}

export function apiRouteStatus(route: ApiRoute, mesh: StatusSource): Condition[] {
  const bindings = route.Parents.map((parent) => {
    const Resource = { Kind: parent.Kind, Name: parent.Name, SectionName: parent.SectionName };
    const problem = bindingProblem(route, parent, mesh);
    return condition(Resource, "Bound", problem === null, [
      ...["Bound", "the route holds at the gateway"],
      ...(problem ?? ["", ""]),
    ]);
  });
  const whole = { Kind: route.Kind, Name: route.Name, SectionName: "" };
  const wrong = servicesOf(route).filter(
    (name) => isHttpLike(mesh.protocol(name)) !== (route.Kind === "http-route"),
  );
  return [
    condition(whole, "Accepted", wrong.length === 0, [
      ...["Accepted", "the route is valid"],
      ...[
        "InvalidDiscoveryChain",
        `${wrong.map((name) => `"${name}" speaks ${mesh.protocol(name)}`).join(", ")}: give it another Protocol in its service-defaults`,
      ],
    ]),
    ...bindings,
  ];
}

function servicesOf(route: ApiRoute): string[] {
  const services = route.Kind === "tcp-route" ? route.Services : route.Rules.flatMap((rule) => rule.Services);
  return [...new Set(services.map(({ Name }) => Name))];
}

/** Reason and message. */
function bindingProblem(
  route: ApiRoute,
  parent: ApiRoute["Parents"][number],
  mesh: StatusSource,
): [string, string] | null {
  const gateway = mesh.entry("api-gateway", parent.Name);
  if (gateway === undefined) return ["GatewayNotFound", `there is no api-gateway "${parent.Name}"`];
  const refusals = gateway.Listeners.map((listener) => refusal(route, parent, gateway, listener));
  if (refusals.every((reason) => reason === "")) {
    return ["FailedToBind", `the gateway has no listener "${parent.SectionName}"`];
  }
  const holds = boundRoutes(gateway, mesh).some(({ routes }) =>
    routes.some(({ Kind, Name }) => Kind === route.Kind && Name === route.Name),
  );
  if (holds) return null;
  return refusals.includes(null)
    ? ["FailedToBind", "another TCP route wants the same connections"]
    : ["FailedToBind", refusals.filter((reason) => reason).join("; ")];
}

/** `words`: reason and message if it is so, reason and message if not. */
function condition(
  resource: Condition["Resource"],
  type: Condition["Type"],
  holds: boolean,
  words: readonly string[],
): Condition {
  const [yes = "", yesMessage = "", no = "", noMessage = ""] = words;
  return {
    Type: type,
    Status: holds ? "True" : "False",
    Reason: holds ? yes : no,
    Message: holds ? yesMessage : noMessage,
    Resource: resource,
  };
}
