import type { Rule } from "../../schema/check.ts";
import { rule } from "../../schema/check.ts";
import {
  bindAddress,
  gateway,
  ingress,
  ingressListener,
  ingressService,
  linkedService,
  terminating,
} from "../gateway.ts";
import { service } from "../service.ts";

export const gatewayRules: readonly Rule[] = [
  rule(
    gateway,
    null,
    ({ Ingress, Terminating, Mesh, Api }) =>
      [Ingress, Terminating, Mesh, Api].filter((kind) => kind !== null).length !== 1 &&
      "One Consul Gateway Configuration must be set: ingress, terminating, mesh or api.",
  ),
  rule(
    gateway,
    "Mesh",
    ({ Mesh }, place) =>
      Mesh !== null &&
      place.around(service)?.PortLabel === "" &&
      "service.port must be set for mesh gateway service.",
  ),
  rule(bindAddress, "Address", ({ Address }) => Address === "" && "Consul Gateway Bind Address must be set."),
  rule(
    bindAddress,
    "Port",
    ({ Port }) =>
      Port <= 0 &&
      Port !== -1 &&
      "Consul Gateway Bind Address must set valid Port: a positive one, or -1 for the service's own.",
  ),
  rule(
    ingress,
    "Listeners",
    ({ Listeners }) => Listeners.length === 0 && "Consul Ingress Gateway requires at least one listener.",
  ),
  rule(ingressListener, "Port", ({ Port }) => Port <= 0 && "Consul Ingress Listener requires valid Port."),
  rule(
    ingressListener,
    "Services",
    ({ Services }) => Services.length === 0 && "Consul Ingress Listener requires one or more services.",
  ),
  rule(ingressService, null, ({ Name }) => Name === "" && "Consul Ingress Service requires a name."),
  rule(
    ingressService,
    "Name",
    ({ Name }, place) =>
      Name === "*" &&
      isTcp(place.around(ingressListener)) &&
      "Consul Ingress Service doesn't support wildcard name for tcp protocol.",
  ),
  rule(
    ingressService,
    "Hosts",
    ({ Hosts }, place) =>
      Hosts.length > 0 &&
      isTcp(place.around(ingressListener)) &&
      "Consul Ingress Service doesn't support associating hosts to a service for the tcp protocol.",
  ),
  rule(
    ingressService,
    "Hosts",
    ({ Name, Hosts }, place) =>
      Name === "*" &&
      Hosts.length > 0 &&
      !isTcp(place.around(ingressListener)) &&
      "Consul Ingress Service with a wildcard * service name can not also specify hosts.",
  ),
  rule(
    terminating,
    "Services",
    ({ Services }) => Services.length === 0 && "Consul Terminating Gateway requires at least one service.",
  ),
  rule(linkedService, null, ({ Name }) => Name === "" && "Consul Linked Service requires Name."),
  rule(
    linkedService,
    null,
    ({ CAFile, CertFile, KeyFile }) =>
      `${CertFile}${KeyFile}` !== "" &&
      CAFile === "" &&
      "Consul Linked Service TLS requires CAFile (ca_file).",
  ),
  rule(
    linkedService,
    null,
    ({ CertFile, KeyFile }) =>
      (CertFile === "") !== (KeyFile === "") &&
      "Consul Linked Service TLS Cert and Key must both be set (cert_file, key_file).",
  ),
  rule(
    linkedService,
    "SNI",
    ({ CAFile, SNI }) =>
      SNI !== "" && CAFile === "" && "Consul Linked Service TLS SNI requires CAFile (ca_file).",
  ),
];

function isTcp(listener: { readonly Protocol: string } | null): boolean {
  return listener?.Protocol === "tcp";
}
