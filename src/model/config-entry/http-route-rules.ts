import { rule } from "../schema/check.ts";
import { isHostName } from "./host-name.ts";
import {
  httpRoute,
  httpRouteService,
  pathMatch,
  retryFilter,
  routeHeaderMatch,
  routeQueryMatch,
  urlRewrite,
} from "./http-route.ts";
import {
  beginsWithSlash,
  controlCharacters,
  headerNameProblem,
  patternProblem,
  statusFindings,
} from "./match-rules.ts";
import { parentFindings, routeParentRules } from "./route-parent-rules.ts";

/** What must hold of an `http-route`; Consul's rules, and what Envoy would refuse. */

interface Match {
  readonly Match: string;
  readonly Value: string;
}

const valueProblem = ({ Match, Value }: Match) => {
  if (Match === "present") return false;
  if (Value === "") return "Say what is looked for.";
  return Match === "regex" ? patternProblem(Value) : controlCharacters(Value);
};

const matchRules = [
  rule(pathMatch, "Value", ({ Match, Value }) => {
    if (Value === "") return "Say which path.";
    return Match === "regex" ? patternProblem(Value) : beginsWithSlash(Value);
  }),
  rule(routeHeaderMatch, "Name", ({ Name }) => headerNameProblem(Name)),
  rule(routeHeaderMatch, "Value", valueProblem),
  rule(routeQueryMatch, "Name", ({ Name }) => Name === "" && "Name the parameter."),
  rule(routeQueryMatch, "Value", valueProblem),
];

export const httpRouteRules = [
  ...routeParentRules,
  ...matchRules,
  rule(httpRoute, "Parents", ({ Parents }) => parentFindings(Parents)),
  rule(httpRoute, "Hostnames", ({ Hostnames }) =>
    Hostnames.flatMap((host, i) =>
      isHostName(host)
        ? []
        : [{ at: ["Hostnames", i], detail: `"${host}" is no name of a host; wildcards are for listeners.` }],
    ),
  ),
  rule(httpRouteService, "Name", ({ Name }) => Name === "" && "Name the service."),
  rule(urlRewrite, "Path", ({ Path }) => beginsWithSlash(Path) || controlCharacters(Path)),
  rule(retryFilter, "RetryOnStatusCodes", ({ RetryOnStatusCodes }) =>
    statusFindings("RetryOnStatusCodes", RetryOnStatusCodes),
  ),
];
