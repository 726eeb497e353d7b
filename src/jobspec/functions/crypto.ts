import { constants, createHash, createPrivateKey, privateDecrypt, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import type { ValueFunction } from "../evaluate/function.ts";
import { FunctionError } from "../evaluate/function.ts";
import { stringValue } from "../values/value.ts";
import { define, defineRest } from "./define.ts";

const require = createRequire(import.meta.url);

/** Each step doubles the time; at 13 it is most of a second. */
const costliest = 13;
const leastCost = 4;
const usualCost = 10;

/** Longer passwords would be cut off. */
const longestPassword = 72;

export const cryptoFunctions = {
  bcrypt: defineRest(
    { str: "text" },
    ["cost", "integer"],
    ({ str }, [cost = usualCost, ...others], budget) => {
      if (others.length > 0) throw new FunctionError("bcrypt() takes no more than two arguments");
      if (cost < leastCost || cost > costliest)
        throw new FunctionError(`the cost must be between ${leastCost} and ${costliest}`, 1);
      if (Buffer.byteLength(str) > longestPassword)
        throw new FunctionError(`password length exceeds ${longestPassword} bytes`, 0);
      budget.spend(2 ** cost * 100);
      const { genSaltSync, hashSync } = require("bcryptjs") as typeof import("bcryptjs");
      // The two prefixes name the same algorithm; job files' readers know the older one.
      return stringValue(hashSync(str, genSaltSync(cost).replace("$2b$", "$2a$")));
    },
  ),
  md5: hash("md5"),
  rsadecrypt: define({ ciphertext: "text", privatekey: "text" }, ({ ciphertext, privatekey }) =>
    stringValue(decrypt(ciphertext, privatekey)),
  ),
  sha1: hash("sha1"),
  sha256: hash("sha256"),
  sha512: hash("sha512"),
  uuidv4: define({}, () => stringValue(randomUUID())),
  uuidv5: define({ namespace: "text", name: "text" }, ({ namespace, name }) =>
    stringValue(uuidV5(namespace, name)),
  ),
};

function hash(algorithm: string): ValueFunction {
  return define({ str: "text" }, ({ str }) => stringValue(createHash(algorithm).update(str).digest("hex")));
}

/** PKCS #1 v1.5, with a key in PKCS #1 form. */
function decrypt(ciphertext: string, privatekey: string): string {
  const plain = ciphertext.replaceAll(/[\r\n]/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain))
    throw new FunctionError("failed to decode input: cipher text must be base64-encoded", 0);
  if (!privatekey.includes("-----BEGIN RSA PRIVATE KEY-----"))
    throw new FunctionError("failed to parse key: no key found", 1);
  if (privatekey.includes("4,ENCRYPTED")) {
    throw new FunctionError(
      "failed to parse key: password protected keys are not supported. Please decrypt the key prior to use",
      1,
    );
  }
  try {
    const key = createPrivateKey(privatekey);
    return privateDecrypt(
      { key, padding: constants.RSA_PKCS1_PADDING },
      Buffer.from(plain, "base64"),
    ).toString();
  } catch {
    throw new FunctionError("the text cannot be decrypted with this key");
  }
}

/** https://www.rfc-editor.org/rfc/rfc9562#name-namespace-id-usage-and-allo */
const namespaces: Readonly<Record<string, string>> = {
  dns: "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
  url: "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
  oid: "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
  x500: "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
};

const uuid = /^(?:urn:uuid:)?\{?([0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})\}?$/i;

function uuidV5(namespace: string, name: string): string {
  const known = Object.hasOwn(namespaces, namespace) ? namespaces[namespace] : uuid.exec(namespace)?.[1];
  if (known === undefined)
    throw new FunctionError(
      `uuidv5() doesn't support namespace ${JSON.stringify(namespace.slice(0, 80))}: use dns, url, oid, x500 or a UUID`,
      0,
    );
  const digest = createHash("sha1")
    .update(Buffer.from(known.replaceAll("-", ""), "hex"))
    .update(name)
    .digest();
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  return digest.toString("hex", 0, 16).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
