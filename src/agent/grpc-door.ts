import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { experimental, type ServerCredentials, status } from "@grpc/grpc-js";
import { effect } from "@preact/signals-core";
import type { Mesh } from "#mesh/mesh.ts";
import { services } from "#mesh/tables.ts";
import type { ProxyTokens } from "#server/proxy-tokens.ts";
import type { State } from "#state/state.ts";
import type { Identify } from "#xds/ads-server.ts";
import type { Identity } from "#xds/ads-stream.ts";

/** A proxy that was registered by hand is whom it calls itself: for a door that only this machine reaches. */
export function byName(state: State): Identify {
  return (nodeId) => registered(state, nodeId);
}

/** It must also show the token that was made for it. */
export function byToken(state: State, tokens: ProxyTokens): Identify {
  return (nodeId, token) => {
    const identity = registered(state, nodeId);
    if (identity.kind === "refused") return identity;
    if (token === "") return refused(status.UNAUTHENTICATED, "a proxy shows its token in x-consul-token");
    const [instance] = state.find(services, "id", identity.id);
    if (instance !== undefined && tokens.isTokenOf(instance.Node, instance.ID, token)) return identity;
    return refused(status.PERMISSION_DENIED, `the token is not that of the proxy "${nodeId}"`);
  };
}

function registered(state: State, id: string): Identity {
  const [instance] = state.find(services, "id", id);
  if (instance === undefined || instance.Kind === "") {
    return refused(
      status.FAILED_PRECONDITION,
      `no proxy "${id}" is registered: register it with "services register", then start its Envoy`,
    );
  }
  if (instance.AllocID !== "") {
    return refused(
      status.PERMISSION_DENIED,
      `the proxy "${id}" is that of allocation ${instance.AllocID}, which has a socket of its own`,
    );
  }
  return { kind: "proxy", id };
}

function refused(code: status, reason: string): Identity {
  return { kind: "refused", code, reason };
}

/** TLS with the control plane's own certificate, which the mesh's authority signs and renews. */
export function controlPlaneCredentials(mesh: Mesh): { credentials: ServerCredentials; stop: () => void } {
  type Listener = (update: { certificate: Buffer; privateKey: Buffer } | null) => void;
  const listeners = new Set<Listener>();
  let current: Parameters<Listener>[0] = null;
  const stop = effect(() => {
    const leaf = mesh.certificates.controlPlaneLeaf();
    if (leaf === null) return;
    current = { certificate: Buffer.from(leaf.certificate), privateKey: Buffer.from(leaf.privateKey) };
    for (const listener of listeners) listener(current);
  });
  const provider = {
    addCaCertificateListener: () => {},
    removeCaCertificateListener: () => {},
    addIdentityCertificateListener: (listener: Listener) => {
      listeners.add(listener);
      if (current !== null) process.nextTick(listener, current);
    },
    removeIdentityCertificateListener: (listener: Listener) => void listeners.delete(listener),
  };
  return {
    credentials: experimental.createCertificateProviderServerCredentials(provider, null, false),
    stop,
  };
}

/** What an operator shows to be given the token of a proxy: kept in a file that only its owner can read. */
export function operatorToken(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const token = randomBytes(32).toString("base64url");
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${token}\n`, { mode: 0o600 });
    return token;
  }
}
