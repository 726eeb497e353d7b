import { rule } from "../schema/check.ts";
import { isHostName } from "./host-name.ts";
import { repeated } from "./match-rules.ts";
import { linkedService, terminatingGateway } from "./terminating-gateway.ts";

/** What must hold of a `terminating-gateway`; Consul's rules. */
export const terminatingGatewayRules = [
  rule(terminatingGateway, "Services", ({ Services }) =>
    repeated(
      Services,
      ({ Name }) => Name,
      (i, { Name }) => ({ at: ["Services", i, "Name"], detail: `"${Name}" is named more than once.` }),
    ),
  ),
  rule(linkedService, "Name", ({ Name }) => Name === "" && "Name a service, or * for all of them."),
  rule(
    linkedService,
    null,
    ({ CertFile, KeyFile }) =>
      (CertFile === "") !== (KeyFile === "") && "CertFile and KeyFile need one another.",
  ),
  rule(
    linkedService,
    "CAFile",
    ({ CAFile, CertFile }) => CertFile !== "" && CAFile === "" && "CertFile and KeyFile need CAFile.",
  ),
  rule(
    linkedService,
    "SNI",
    ({ SNI, CAFile }) => SNI !== "" && CAFile === "" && "SNI needs CAFile: without it nothing is encrypted.",
  ),
  rule(linkedService, "SNI", ({ SNI }) => SNI !== "" && !isHostName(SNI) && "Expected the name of a host."),
];
