import { boolean, duration, integer, map, object, string, strings } from "../schema/builders.ts";
import { rule } from "../schema/check.ts";
import { minute, second } from "../schema/duration.ts";
import type { Value } from "../schema/schema.ts";

/** A check as Consul's clients register it: of a service, or by itself. */
export const checkRegistration = object("check", "Tells whether an instance of a service is healthy.", {
  CheckID: string("By default its name, or `service:<service id>` and its number where there are several.", {
    aliases: ["ID"],
  }),
  Name: string("By default `Service '<name>' check`."),
  ServiceID: string("The service that it is of, where it is registered by itself."),
  Status: string("The state before the first result.", {
    default: "critical",
    oneOf: ["passing", "warning", "critical"],
  }),
  Notes: string("A note for people.", { maxLength: 1024 }),
  TTL: duration("Critical when nobody has told its status for so long."),
  HTTP: string("A URL that must answer with 2xx; 429 is a warning."),
  Method: string("", { default: "GET" }),
  Header: map(strings(""), "Headers of the HTTP request."),
  Body: string("The body of the HTTP request."),
  DisableRedirects: boolean("Redirections are never followed.", {}),
  TCP: string("`host:port` that must take a connection."),
  GRPC: string("`host:port`, or `host:port/service`, that must serve gRPC's health protocol."),
  GRPCUseTLS: boolean("Speak TLS for a gRPC check."),
  AliasService: string("As healthy as the service with this id on the same node."),
  Interval: duration("From the start of one check to the next.", {
    default: 10 * second,
    zeroIsAbsent: true,
  }),
  Timeout: duration("How long an answer may take.", { default: 10 * second, zeroIsAbsent: true }),
  SuccessBeforePassing: integer("Successes in a row before the check passes."),
  FailuresBeforeWarning: integer("Failures in a row before the check warns."),
  FailuresBeforeCritical: integer("Failures in a row before the check is critical."),
  TLSServerName: string("The name that the server's certificate must carry."),
  TLSSkipVerify: boolean("Do not verify the server's certificate."),
  DeregisterCriticalServiceAfter: duration("The service goes when it has been critical for so long."),
  ScriptArgs: strings("Not run: see the rule.", { aliases: ["Args"] }),
  DockerContainerID: string("Not run: see the rule."),
  UDP: string("Not run: see the rule."),
  H2PING: string("Not run: see the rule."),
});

export type CheckRegistration = Value<typeof checkRegistration>;

/** How each kind of check is written, by the type that is shown for it. */
export const checkTypes = {
  TTL: "ttl",
  HTTP: "http",
  TCP: "tcp",
  GRPC: "grpc",
  AliasService: "alias",
} as const;

export type CheckType = (typeof checkTypes)[keyof typeof checkTypes];

const kinds = Object.keys(checkTypes) as readonly (keyof typeof checkTypes)[];

/** Empty for a check that only ever has the status it was registered with. */
export function typeOfCheck(check: CheckRegistration): CheckType | "" {
  const kind = kinds.find((candidate) => Boolean(check[candidate]));
  return kind === undefined ? "" : checkTypes[kind];
}

const SHORTEST = 10_000_000;

export const checkRegistrationRules = [
  rule(checkRegistration, null, (check) => {
    const given = kinds.filter((kind) => Boolean(check[kind]));
    return given.length > 1 && `It is ${given.join(" and ")} at once; a check has one kind.`;
  }),
  rule(
    checkRegistration,
    "ScriptArgs",
    ({ ScriptArgs }) =>
      ScriptArgs.length > 0 &&
      "Scripts are not run for anybody who reaches the API. Let the script report to a check with a TTL.",
  ),
  ...(["DockerContainerID", "UDP", "H2PING"] as const).map((field) =>
    rule(
      checkRegistration,
      field,
      (check) => check[field] !== "" && "Not run here. Checks are HTTP, TCP, GRPC, TTL or AliasService.",
    ),
  ),
  rule(checkRegistration, "Interval", ({ Interval }) => Interval < SHORTEST && "The least is 10ms."),
  rule(checkRegistration, "Timeout", ({ Timeout }) => Timeout < SHORTEST && "The least is 10ms."),
  rule(checkRegistration, "TTL", ({ TTL }) => TTL < 0 && "It is a positive duration."),
  rule(
    checkRegistration,
    "DeregisterCriticalServiceAfter",
    ({ DeregisterCriticalServiceAfter: after }) => after !== 0 && after < minute && "The least is 1m.",
  ),
  rule(
    checkRegistration,
    "HTTP",
    ({ HTTP }) =>
      HTTP !== "" &&
      !/^https?:$/.test(URL.parse(HTTP)?.protocol ?? "") &&
      "Expected a URL that begins with http:// or https://.",
  ),
  rule(
    checkRegistration,
    "TCP",
    ({ TCP }) => TCP !== "" && !/^.+:\d{1,5}$/.test(TCP) && "Expected host:port.",
  ),
  rule(
    checkRegistration,
    "GRPC",
    ({ GRPC }) =>
      GRPC !== "" && !/^.+:\d{1,5}(\/.*)?$/.test(GRPC) && "Expected host:port or host:port/service.",
  ),
];
