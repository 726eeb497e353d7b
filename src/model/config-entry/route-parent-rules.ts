import { type Finding, rule } from "../schema/check.ts";
import { repeated } from "./match-rules.ts";
import { type RouteParent, routeParent } from "./route-parent.ts";

export const routeParentRules = [rule(routeParent, "Name", ({ Name }) => Name === "" && "Name the gateway.")];

export function parentFindings(parents: readonly RouteParent[]): Finding[] {
  return repeated(
    parents,
    ({ Kind, Name, SectionName }) => JSON.stringify([Kind, Name, SectionName]),
    (i) => ({ at: ["Parents", i], detail: "A parent before it is the same." }),
  );
}
