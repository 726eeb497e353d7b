import { type Finding, rule } from "../schema/check.ts";
import {
  type ApiGateway,
  apiGateway,
  apiListener,
  apiListenerTls,
  certificateReference,
} from "./api-gateway.ts";
import { cipherFindings, versionProblem } from "./gateway-tls-rules.ts";
import { isHostPattern } from "./host-name.ts";
import { repeated } from "./match-rules.ts";

/** What must hold of an `api-gateway`; Consul's rules, and what Envoy would refuse. */

/** Listeners of the same port become one. */
function unmergeable({ Listeners }: ApiGateway): Finding[] {
  return Listeners.flatMap((listener, i) => {
    const first = Listeners.find(({ Port }) => Port === listener.Port) ?? listener;
    const isAlike = first.Protocol === listener.Protocol && first.Hostname === listener.Hostname;
    return isAlike
      ? []
      : [
          {
            at: ["Listeners", i, "Port"],
            detail: `The listener "${first.Name}" has the same port: they must have the same Protocol and Hostname.`,
          },
        ];
  });
}

const listenerRules = [
  rule(
    apiGateway,
    "Listeners",
    ({ Listeners }) => Listeners.length === 0 && "At least one listener is needed.",
  ),
  rule(apiGateway, "Listeners", ({ Listeners }) =>
    repeated(
      Listeners,
      ({ Name }) => Name,
      (i, { Name }) => ({
        at: ["Listeners", i, "Name"],
        detail: `"${Name}" is the name of a listener before it.`,
      }),
    ),
  ),
  rule(apiGateway, "Listeners", unmergeable),
  rule(
    apiListener,
    "Name",
    ({ Name }) => !/^[A-Za-z0-9-]+$/.test(Name) && "A listener's name has letters, digits and dashes.",
  ),
  rule(apiListener, "Port", ({ Port }) => Port === 0 && "A port is from 1 to 65535."),
  rule(
    apiListener,
    "Hostname",
    ({ Hostname, Protocol }) => Hostname !== "" && Protocol === "tcp" && "TCP has no host names.",
  ),
  rule(
    apiListener,
    "Hostname",
    ({ Hostname }) =>
      Hostname !== "" &&
      Hostname !== "*" &&
      !isHostPattern(Hostname) &&
      "Expected the name of a host; a wildcard * stands at its left alone.",
  ),
];

export const apiGatewayRules = [
  ...listenerRules,
  rule(certificateReference, "Name", ({ Name }) => Name === "" && "Name the certificate's entry."),
  rule(apiListenerTls, "MaxVersion", ({ MinVersion, MaxVersion }) =>
    versionProblem({ least: MinVersion, greatest: MaxVersion }),
  ),
  rule(apiListenerTls, "CipherSuites", ({ CipherSuites, MinVersion }) =>
    cipherFindings(CipherSuites, MinVersion),
  ),
];
