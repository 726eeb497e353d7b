import { object, string } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";
import { meta } from "./meta.ts";

export const fileSystemCertificate = object(
  "file-system-certificate",
  "A certificate of a gateway, in files of the gateway's machine.",
  {
    Kind: string("", { oneOf: ["file-system-certificate"] }),
    Name: string(""),
    Certificate: string("The file with the certificate and those that signed it, as PEM."),
    PrivateKey: string("The file with its key, as PEM."),
    Meta: meta,
  },
);

export type FileSystemCertificate = Value<typeof fileSystemCertificate>;
