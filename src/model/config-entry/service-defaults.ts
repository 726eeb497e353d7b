import { object, string, stringMap } from "../schema/builders.ts";
import { rule } from "../schema/check.ts";
import type { Value } from "../schema/schema.ts";

export const protocols = ["tcp", "http", "http2", "grpc"] as const;

export type Protocol = (typeof protocols)[number];

export const serviceDefaults = object("service-defaults", "What holds for every instance of one service.", {
  Kind: string("", { oneOf: ["service-defaults"] }),
  Name: string("The service; `*` is not allowed."),
  Protocol: string("What the service speaks. All but `tcp` let requests be routed and ruled one by one.", {
    default: "tcp",
    oneOf: protocols,
  }),
  Meta: stringMap("Facts for people and programs."),
});

export type ServiceDefaults = Value<typeof serviceDefaults>;

export const serviceDefaultsRules = [
  rule(
    serviceDefaults,
    "Name",
    ({ Name }) => Name === "*" && "These speak of one service; for all of them write proxy-defaults.",
  ),
];
