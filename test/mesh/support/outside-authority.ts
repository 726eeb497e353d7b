import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from "@peculiar/asn1-x509";
import { type KeyPair, keyIdentifier, newLeafKeyPair, privateKeyText } from "../../../src/mesh/ca/keys.ts";
import { sign } from "../../../src/mesh/ca/signer.ts";

/** A certificate and its key, as files. */
export interface Files {
  readonly certificate: string;
  readonly key: string;
}

/** Somebody outside of the mesh who certifies servers. */
export interface Authority extends Files {
  readonly name: Name;
  readonly keys: KeyPair;
}

const DAY = 86_400_000;

export async function newAuthority(folder: string, name: string): Promise<Authority> {
  const keys = await newLeafKeyPair();
  const authority = { ...filesOf(folder, name), name: commonName(name), keys };
  return {
    ...authority,
    ...write(folder, name, keys, authority, { dnsNames: [], isAuthority: true, days: 9 }),
  };
}

/** Valid since nine days before; `days` from now, which may lie behind. */
export async function issue(
  folder: string,
  name: string,
  host: string,
  authority: Authority,
  days: number,
): Promise<Files> {
  const keys = await newLeafKeyPair();
  return write(folder, name, keys, authority, { dnsNames: [host], isAuthority: false, days });
}

interface Content {
  readonly dnsNames: readonly string[];
  readonly isAuthority: boolean;
  readonly days: number;
}

function write(
  folder: string,
  name: string,
  keys: KeyPair,
  by: Pick<Authority, "name" | "keys">,
  { dnsNames, isAuthority, days }: Content,
): Files {
  const template = {
    ...{ subject: commonName(name), uri: `spiffe://outside/${name}`, dnsNames, authority: isAuthority },
    ...{ notBefore: Date.now() - 9 * DAY, notAfter: Date.now() + days * DAY },
  };
  const { privateKey, publicKey } = by.keys;
  const { pem } = sign(template, keys, { name: by.name, keyId: keyIdentifier(publicKey), privateKey });
  const files = filesOf(folder, name);
  writeFileSync(files.certificate, pem);
  writeFileSync(files.key, privateKeyText(keys.privateKey));
  return files;
}

function filesOf(folder: string, name: string): Files {
  return { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
}

function commonName(text: string): Name {
  const value = new AttributeValue({ utf8String: text });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: "2.5.4.3", value })])]);
}
