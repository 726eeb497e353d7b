import { object, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { meta } from "./meta.ts";

export const inlineCertificate = object("inline-certificate", "A certificate of a gateway, with its key.", {
  Kind: string("", { oneOf: ["inline-certificate"] }),
  Name: string(""),
  Certificate: string("The certificate and those that signed it, as PEM."),
  PrivateKey: string("Its key, as PEM."),
  Meta: meta,
});

export type InlineCertificate = Value<typeof inlineCertificate>;
