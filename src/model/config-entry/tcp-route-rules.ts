import { rule } from "../schema/check.ts";
import { parentFindings, routeParentRules } from "./route-parent-rules.ts";
import { tcpRoute, tcpService } from "./tcp-route.ts";

/** What must hold of a `tcp-route`; Consul's rules. */
export const tcpRouteRules = [
  ...routeParentRules,
  rule(tcpRoute, "Parents", ({ Parents }) => parentFindings(Parents)),
  rule(tcpRoute, "Services", ({ Services }) => Services.length > 1 && "A connection goes to one service."),
  rule(tcpService, "Name", ({ Name }) => Name === "" && "Name the service."),
];
