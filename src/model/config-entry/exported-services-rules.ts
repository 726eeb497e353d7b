import { rule } from "../schema/check.ts";
import { consumer, exportedService, exportedServices } from "./exported-services.ts";
import { repeated } from "./match-rules.ts";

/** What must hold of `exported-services`; Consul's rules. */
export const exportedServicesRules = [
  rule(exportedService, "Name", ({ Name }) => Name === "" && "Name a service, or * for all of them."),
  rule(
    exportedService,
    "Consumers",
    ({ Consumers }) => Consumers.length === 0 && "At least one consumer is needed.",
  ),
  rule(
    consumer,
    "Peer",
    ({ Peer }) => (Peer === "" || Peer.includes("*")) && "Name one peer; there is no wildcard for peers.",
  ),
  rule(exportedServices, "Services", ({ Services }) =>
    repeated(
      Services,
      ({ Name }) => Name,
      (i, { Name }) => ({ at: ["Services", i, "Name"], detail: `"${Name}" is named more than once.` }),
    ),
  ),
];
