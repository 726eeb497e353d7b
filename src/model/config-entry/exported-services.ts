import { list, object, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { meta } from "./meta.ts";

export const consumer = object("Consumer", "Who may use an exported service.", {
  Peer: string("The peer's name here."),
});

export const exportedService = object("Exported service", "A service that others may use.", {
  Name: string("The service, or `*` for all."),
  Consumers: list(consumer, "Who may use it."),
});

export const exportedServices = object("exported-services", "Which services peers may use.", {
  Kind: string("", { oneOf: ["exported-services"] }),
  Name: string("Always `default`; may be left out.", { default: "default", oneOf: ["default"] }),
  Services: list(exportedService, "The services."),
  Meta: meta,
});

export type ExportedServices = Value<typeof exportedServices>;
