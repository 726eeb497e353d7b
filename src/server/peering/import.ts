import { X509Certificate } from "node:crypto";
import {
  type ImportedService,
  importedKey,
  importedServices,
  type PeerMesh,
  peerings,
  peerMeshes,
} from "#mesh/peering/tables.ts";
import { type Told, ToldError } from "#model/peering/exchange.ts";
import type { State } from "#state/state.ts";
import type { Row } from "#state/table.ts";

const MOST_SERVICES = 5000;

/**
 * Keeps what one peer tells, for one stream. A stream begins with everything that there is: what was known before and is
 * not told again by then, has gone.
 */
export class Import {
  readonly #state: State;
  readonly #peer: string;
  readonly #seen = new Set<string>();

  constructor(state: State, peer: string) {
    this.#state = state;
    this.#peer = peer;
  }

  /** Throws a {@link ToldError} where it cannot be taken. */
  async take(told: Told): Promise<void> {
    switch (told.kind) {
      case "bundle": {
        const { trustDomain, datacenter } = told;
        const roots = told.roots.map(rootIn);
        return this.#putMesh((before) => ({ ...before, trustDomain, datacenter, roots }));
      }
      case "gateways":
        return this.#putMesh((before) => ({ ...before, gateways: told.gateways }));
      case "service":
        if (!this.#seen.has(told.service.name) && this.#seen.size >= MOST_SERVICES)
          throw new ToldError(`more than ${MOST_SERVICES} services`);
        this.#seen.add(told.service.name);
        return this.#putService({ ...told.service, peer: this.#peer });
      case "withdrawn":
        this.#seen.delete(told.name);
        return this.#forget([told.name]);
      case "complete": {
        const known = this.#state.find(importedServices, "peer", this.#peer).map(({ name }) => name);
        return this.#forget(known.filter((name) => !this.#seen.has(name)));
      }
      case "heartbeat":
      case "terminated":
        return;
    }
  }

  async #putMesh(change: (before: PeerMesh) => PeerMesh): Promise<void> {
    const none = { peer: this.#peer, trustDomain: "", datacenter: "", roots: [], gateways: [] };
    await this.#state.transact((tx) => {
      if (tx.get(peerings, this.#peer) === undefined) return;
      const known = tx.get(peerMeshes, this.#peer);
      const changed = change(known === undefined ? none : bare(known));
      if (!isSame(known, changed)) tx.put(peerMeshes, this.#peer, changed);
    });
  }

  async #putService(service: ImportedService): Promise<void> {
    await this.#state.transact((tx) => {
      if (tx.get(peerings, this.#peer) === undefined) return;
      const key = importedKey(service);
      if (!isSame(tx.get(importedServices, key), service)) tx.put(importedServices, key, service);
    });
  }

  async #forget(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await this.#state.transact((tx) => {
      for (const name of names) tx.delete(importedServices, importedKey({ peer: this.#peer, name }));
    });
  }
}

/** One certificate and nothing beside it: whatever stands there becomes what proxies trust. */
function rootIn(pem: string): string {
  const certificate = certificateIn(pem);
  if (!certificate.ca) throw new ToldError("a root that may not sign certificates");
  return certificate.toString();
}

function certificateIn(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new ToldError("a root that is no certificate in PEM");
  }
}

function bare<Value extends object>({ CreateIndex: _, ModifyIndex: __, ...value }: Row<Value>): Value {
  return value as unknown as Value;
}

function isSame<Value extends object>(row: Row<Value> | undefined, value: Value): boolean {
  return row !== undefined && JSON.stringify(bare(row)) === JSON.stringify(value);
}
