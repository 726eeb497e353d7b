import { boolean, list, object, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { meta } from "./meta.ts";

export const linkedService = object("linked service", "A service outside of the mesh.", {
  Name: string("The service, or `*` for all that have no proxy."),
  CAFile: string("The authority that its certificate must come from: a file of the gateway's machine."),
  CertFile: string("The certificate shown to it: a file of the gateway's machine."),
  KeyFile: string("The key of that certificate."),
  SNI: string("The server name asked for."),
  DisableAutoHostRewrite: boolean("Leave the Host header as it came."),
});

export const terminatingGateway = object(
  "terminating-gateway",
  "Lets services of the mesh reach services outside.",
  {
    Kind: string("", { oneOf: ["terminating-gateway"] }),
    Name: string("The gateway's service."),
    Services: list(linkedService, "The services behind it."),
    Meta: meta,
  },
);

export type TerminatingGatewayEntry = Value<typeof terminatingGateway>;
