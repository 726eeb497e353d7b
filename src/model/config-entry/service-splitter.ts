import { list, number, object, optional, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { headerModifiers } from "./header-modifiers.ts";
import { meta } from "./meta.ts";

export const serviceSplit = object("Split", "A share of the requests, and where it goes.", {
  Weight: number("The share in percent, in steps of 0.01. All of them add up to 100.", { min: 0, max: 100 }),
  Service: string("The service; the splitter's own if not set."),
  ServiceSubset: string("One of its subsets, as its resolver names them."),
  RequestHeaders: optional(headerModifiers, "Changes to requests."),
  ResponseHeaders: optional(headerModifiers, "Changes to responses."),
});

export type ServiceSplit = Value<typeof serviceSplit>;

export const serviceSplitter = object("service-splitter", "Shares a service's requests out by percentages.", {
  Kind: string("", { oneOf: ["service-splitter"] }),
  Name: string("The service that is called."),
  Splits: list(serviceSplit, "The shares."),
  Meta: meta,
});

export type ServiceSplitter = Value<typeof serviceSplitter>;
