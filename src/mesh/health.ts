import { type HealthCheck, worstStatus } from "#model/catalog.ts";
import type { Row } from "#state/table.ts";

/** The checks of the service with an id on a node. */
export type FindChecks = (node: string, serviceId: string) => readonly Row<HealthCheck>[];

/** The checks of an instance, an alias as healthy as what it stands for. */
export function checksOfInstance(find: FindChecks, node: string, serviceId: string): Row<HealthCheck>[] {
  return find(node, serviceId).map((check) => resolved(find, check));
}

/** An alias with the status of the service that it stands for; other checks as they are. */
export function resolved(find: FindChecks, check: Row<HealthCheck>): Row<HealthCheck> {
  const alias = check.Definition?.AliasService ?? "";
  if (alias === "") return check;
  const found = find(check.Node, alias).filter((other) => other.Type !== "alias");
  const Status = worstStatus(found);
  return {
    ...check,
    Status,
    Output: Status === "passing" ? "All checks passing." : `${alias} is ${Status}.`,
  };
}
