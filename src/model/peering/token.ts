/** What the operator of one mesh gives that of another, so that they know each other. Fields are Consul's. */
export interface PeeringToken {
  /** Who signs the certificate of the control plane that the token leads to. PEM, one certificate each. */
  readonly CA: readonly string[];
  /** `host:port` each. */
  readonly ServerAddresses: readonly string[];
  readonly ServerName: string;
  /** Of the peering, over there. */
  readonly PeerID: string;
  /** Opens the peering once. */
  readonly EstablishmentSecret: string;
}

const LONGEST = 64 * 1024;
const MOST = 16;
const ADDRESS = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/;
const CERTIFICATE = /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/;

export function writeToken(token: PeeringToken): string {
  return Buffer.from(JSON.stringify(token)).toString("base64");
}

/** Gives in words what is wrong with it where it is none. */
export function readToken(text: string): PeeringToken | string {
  if (text.length > LONGEST) return "it is too long to be a peering token";
  const token = parsed(text.trim());
  if (token === null)
    return "it is no peering token: expected what `peering generate-token` printed in the other mesh, whole";
  const { CA, ServerAddresses, ServerName, PeerID, EstablishmentSecret } = token;
  if (!texts(CA) || !CA.every((pem) => CERTIFICATE.test(pem)))
    return "its field CA holds no certificates in PEM";
  if (!texts(ServerAddresses) || !ServerAddresses.every(isAddress))
    return "its field ServerAddresses holds no addresses of the form host:port";
  if (!isText(ServerName)) return "its field ServerName is missing";
  if (!isText(PeerID)) return "its field PeerID is missing";
  if (!isText(EstablishmentSecret)) return "its field EstablishmentSecret is missing";
  return { CA, ServerAddresses, ServerName, PeerID, EstablishmentSecret };
}

/** `host:port`. */
export function isAddress(text: string): boolean {
  const port = Number(text.slice(text.lastIndexOf(":") + 1));
  return ADDRESS.test(text) && port > 0 && port < 65_536;
}

function parsed(text: string): Record<keyof PeeringToken, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64").toString());
    return typeof value === "object" && value !== null
      ? (value as Record<keyof PeeringToken, unknown>)
      : null;
  } catch {
    return null;
  }
}

const isText = (value: unknown): value is string =>
  typeof value === "string" && value.length > 0 && value.length <= 512;

const texts = (value: unknown): value is string[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= MOST &&
  value.every((one) => typeof one === "string" && one.length <= LONGEST);
