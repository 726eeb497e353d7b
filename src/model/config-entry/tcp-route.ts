import { list, object, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { meta } from "./meta.ts";
import { routeParent } from "./route-parent.ts";

export const tcpService = object("tcp-route service", "Where connections go.", {
  Name: string("The service."),
});

export const tcpRoute = object(
  "tcp-route",
  "Sends the connections of an API gateway's listener to a service.",
  {
    Kind: string("", { oneOf: ["tcp-route"] }),
    Name: string(""),
    Parents: list(routeParent, "The gateways that it is for."),
    Services: list(tcpService, "The service: at most one."),
    Meta: meta,
  },
);

export type TcpRoute = Value<typeof tcpRoute>;
