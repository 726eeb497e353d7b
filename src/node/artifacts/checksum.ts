import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

const KINDS: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha256: 64, sha512: 128 };

/** `sha256:…`, or only the digits, whose number tells the kind. Throws an error in words when the file differs. */
export async function verifyChecksum(file: string, expected: string): Promise<void> {
  const colon = expected.indexOf(":");
  const digits = expected.slice(colon + 1).toLowerCase();
  const kind =
    colon < 0 ? Object.keys(KINDS).find((name) => KINDS[name] === digits.length) : expected.slice(0, colon);
  if (kind === undefined || KINDS[kind] !== digits.length || !/^[\da-f]+$/.test(digits)) {
    const kinds = Object.keys(KINDS).join(", ");
    throw new Error(
      `the checksum "${expected}" is not of the form type:digits with the type one of ${kinds}`,
    );
  }
  const hash = createHash(kind);
  await pipeline(createReadStream(file), hash);
  const found = hash.digest("hex");
  if (found !== digits) throw new Error(`its ${kind} checksum is ${found}, not ${digits}`);
}
