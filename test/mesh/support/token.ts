import { generateKeyPairSync, sign } from "node:crypto";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** The keys that {@link token} signs with, as a JSON Web Key Set. */
export const keySet = JSON.stringify({
  keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" }],
});

/** A JSON Web Token (RFC 7519) of an issuer, valid for an hour unless `claims` say otherwise. */
export function token(issuer: string, claims: object = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const parts = [
    { alg: "RS256", kid: "one", typ: "JWT" },
    { iss: issuer, sub: "somebody", iat: now, exp: now + 3600, ...claims },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  return `${parts.join(".")}.${sign("sha256", Buffer.from(parts.join(".")), privateKey).toString("base64url")}`;
}
