import { type ChannelOptions, Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import type { PeeringToken } from "#model/peering/token.ts";
import type { TokenUse, TokenUsed } from "#server/peering/peerings.ts";
import { RefusedError } from "#server/refused-error.ts";
import { encoded, PEERING, type PeerWire, peeringMethods, SECRET } from "./wire.ts";

const TIMEOUT = 8000;

const OPTIONS: ChannelOptions = {
  "grpc.enable_http_proxy": 0,
  "grpc.enable_retries": 0,
  "grpc.max_receive_message_length": 4 * 1024 * 1024,
};

interface ControlPlane {
  readonly address: string;
  readonly serverName: string;
  /** PEM: who must have signed its certificate. */
  readonly authority: string;
}

/** Speaks to the control plane of another mesh and to nobody else: a service of that mesh is not it. */
function clientOf({ address, serverName, authority }: ControlPlane): Client {
  const checkServerIdentity = (_host: string, { subjectaltname = "" }: { subjectaltname?: string }) =>
    subjectaltname.split(", ").some((name) => /^URI:spiffe:\/\/[^/]+\/agent\/server\/dc\/[^/]+$/.test(name))
      ? undefined
      : new Error("who answers there is no control plane of a mesh");
  const secured = credentials.createSsl(Buffer.from(authority), null, null, { checkServerIdentity });
  return new Client(address, secured, { ...OPTIONS, "grpc.ssl_target_name_override": serverName });
}

/** Asks one address of the token after the other. */
export async function useToken(token: PeeringToken, use: TokenUse): Promise<TokenUsed> {
  const failures: string[] = [];
  for (const address of token.ServerAddresses) {
    const client = clientOf({ address, serverName: token.ServerName, authority: token.CA.join("") });
    try {
      return readUsed(await ask(client, use));
    } catch (error) {
      const { code, details } = error as ServiceError;
      if (code === status.FAILED_PRECONDITION) throw new RefusedError(`PeeringToken: ${details}`);
      failures.push(`${address}: ${details ?? (error as Error).message}`);
    } finally {
      client.close();
    }
  }
  throw new RefusedError(
    `PeeringToken: the other mesh cannot be reached at its ServerAddresses: ${failures.join("; ")}`,
  );
}

function ask(client: Client, use: TokenUse): Promise<Buffer> {
  const { path, requestSerialize, responseDeserialize } = peeringMethods.UseToken;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      encoded(use),
      { deadline: Date.now() + TIMEOUT },
      (error, answer) => (error ? reject(error) : resolve(answer ?? Buffer.alloc(0))),
    );
  });
}

function readUsed(answer: Buffer): TokenUsed {
  const { secret, facts } = JSON.parse(answer.toString()) as Partial<TokenUsed>;
  const { TrustDomain, Datacenter } = facts ?? {};
  const isText = (value: unknown): value is string => typeof value === "string" && value.length < 512;
  if (!isText(secret) || !isText(TrustDomain) || !isText(Datacenter))
    throw new Error("it answered with something else than was asked for");
  return { secret, facts: { TrustDomain: TrustDomain.toLowerCase(), Datacenter } };
}

/** A stream to the control plane of a peer; `close` goes with it. */
export function openStream(
  controlPlane: ControlPlane,
  peering: string,
  secret: string,
): { readonly wire: PeerWire; readonly close: () => void } {
  const client = clientOf(controlPlane);
  const metadata = new Metadata();
  metadata.set(PEERING, peering);
  metadata.set(SECRET, secret);
  const { path, requestSerialize, responseDeserialize } = peeringMethods.Tell;
  const wire = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
  return {
    wire,
    close: () => {
      wire.cancel();
      client.close();
    },
  };
}
