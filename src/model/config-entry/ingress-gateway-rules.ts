import { type Finding, rule } from "../schema/check.ts";
import { cipherFindings, versionProblem } from "./gateway-tls-rules.ts";
import { isHostPattern } from "./host-name.ts";
import { ingressGateway, ingressListener, ingressService, ingressTls } from "./ingress-gateway.ts";
import { repeated } from "./match-rules.ts";

/** What must hold of an `ingress-gateway`; Consul's rules, and what Envoy would refuse. */

const everyService = "*";
const everyHost = "*";

const tlsRules = [
  rule(ingressTls, "TLSMaxVersion", ({ TLSMinVersion, TLSMaxVersion }) =>
    versionProblem({ least: TLSMinVersion, greatest: TLSMaxVersion }),
  ),
  rule(ingressTls, "CipherSuites", ({ CipherSuites, TLSMinVersion }) =>
    cipherFindings(CipherSuites, TLSMinVersion),
  ),
];

const listenerRules = [
  rule(ingressGateway, "Listeners", ({ Listeners }) =>
    repeated(
      Listeners,
      ({ Port }) => String(Port),
      (i, { Port }) => ({ at: ["Listeners", i, "Port"], detail: `Port ${Port} has a listener before it.` }),
    ),
  ),
  rule(ingressListener, "Port", ({ Port }) => Port === 0 && "A port is from 1 to 65535."),
  rule(
    ingressListener,
    "Services",
    ({ Services }) => Services.length === 0 && "A listener needs at least one service.",
  ),
  rule(
    ingressListener,
    "Services",
    ({ Protocol, Services }) =>
      Protocol === "tcp" && Services.length > 1 && "A TCP listener has exactly one service.",
  ),
  rule(ingressListener, "Services", ({ Services }) =>
    repeated(
      Services,
      ({ Name }) => Name,
      (i, { Name }) => ({ at: ["Services", i, "Name"], detail: `"${Name}" is named more than once.` }),
    ),
  ),
  rule(ingressListener, "Services", ({ Services }) => {
    const hosts = Services.flatMap(({ Hosts }, i) =>
      Hosts.map((host, j) => ({ host, at: ["Services", i, "Hosts", j] })),
    );
    return repeated(
      hosts,
      ({ host }) => host.toLowerCase(),
      (_, { host, at }): Finding => ({ at, detail: `"${host}" leads to a service before it.` }),
    );
  }),
];

const serviceRules = [
  rule(ingressService, "Name", ({ Name }) => Name === "" && "Name a service, or * for all of them."),
  rule(
    ingressService,
    "Name",
    ({ Name }, place) =>
      Name === everyService &&
      place.around(ingressListener)?.Protocol === "tcp" &&
      "The wildcard * needs a protocol with requests.",
  ),
  rule(
    ingressService,
    "Hosts",
    ({ Name, Hosts }) =>
      Name === everyService &&
      Hosts.length > 0 &&
      "Behind the wildcard * every service has a host of its own.",
  ),
  rule(ingressService, null, ({ Hosts, RequestHeaders, ResponseHeaders }, place) =>
    place.around(ingressListener)?.Protocol === "tcp" &&
    (Hosts.length > 0 || RequestHeaders !== null || ResponseHeaders !== null)
      ? "Hosts and headers need a protocol with requests."
      : null,
  ),
  rule(ingressService, "Hosts", ({ Hosts }, place) => {
    const isEncrypted =
      place.around(ingressGateway)?.TLS?.Enabled || place.around(ingressListener)?.TLS?.Enabled;
    return Hosts.flatMap((host, i): Finding[] => {
      const at = ["Hosts", i];
      if (host === everyHost) return isEncrypted ? [{ at, detail: "With TLS, * is not allowed." }] : [];
      return isHostPattern(host)
        ? []
        : [{ at, detail: `"${host}" is no name of a host; a wildcard * stands at its left alone.` }];
    });
  }),
  rule(
    ingressService,
    "TLS",
    ({ TLS, Hosts }) =>
      (TLS?.SDS ?? null) !== null && Hosts.length === 0 && "A certificate of its own needs Hosts.",
  ),
  rule(ingressService, "TLS", ({ TLS }, place) => {
    const given = [TLS, place.around(ingressListener)?.TLS, place.around(ingressGateway)?.TLS];
    const isServed = given.some((tls) => (tls?.SDS?.ClusterName ?? "") !== "");
    return (TLS?.SDS?.CertResource ?? "") !== "" && !isServed
      ? [{ at: ["TLS", "SDS", "ClusterName"], detail: "Say which cluster serves the certificate." }]
      : null;
  }),
];

export const ingressGatewayRules = [...tlsRules, ...listenerRules, ...serviceRules];
