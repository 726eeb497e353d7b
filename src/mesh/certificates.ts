import { untracked } from "@preact/signals-core";
import type { KeyVault } from "./ca/key-vault.ts";
import { keyPairOf } from "./ca/keys.ts";
import type { Leaf } from "./ca/leaf.ts";
import { Leaves } from "./ca/leaves.ts";
import { type Authority, trustBundle } from "./ca/root.ts";
import type { SigningLimits } from "./ca/signing-turns.ts";
import { controlPlaneName, type PartIdentity, type TrustDomain } from "./ca/spiffe.ts";
import { cells } from "./cells.ts";
import type { TableCells } from "./table-cells.ts";
import { CA_CONFIGURATION_KEY, CLUSTER_KEY, caConfigurations, cluster, rootKeys, roots } from "./tables.ts";

export interface CertificatesOptions {
  readonly datacenter: string;
  readonly vault: KeyVault;
  readonly leafFailed: (proxyId: string, error: unknown) => void;
}

/** Who proxies prove to be, and whom they trust. */
export class Certificates {
  readonly #sources: TableCells;
  readonly #datacenter: string;
  readonly #vault: KeyVault;
  readonly #leaves: Leaves;

  constructor(sources: TableCells, { datacenter, vault, leafFailed }: CertificatesOptions) {
    this.#sources = sources;
    this.#datacenter = datacenter;
    this.#vault = vault;
    this.#leaves = new Leaves({
      authority: () => this.#authority(""),
      lifetime: () => this.#leafLifetime(""),
      limits: () => untracked(() => this.#signingLimits()),
      failed: leafFailed,
    });
  }

  trustDomain(): TrustDomain {
    return (this.#sources.get(cluster, CLUSTER_KEY)?.TrustDomain ?? "") as TrustDomain;
  }

  /** Every root that is trusted, as PEM. */
  trustBundle(): string {
    return trustBundle(this.#sources.find(roots, "trusted", "yes"));
  }

  /** The same, one by one. */
  roots(): string[] {
    return this.#sources.find(roots, "trusted", "yes").map(({ RootCert }) => RootCert);
  }

  /** The certificate and key of a proxy, once they are made. */
  leaf(proxyId: string, service: string, dnsNames: readonly string[] = []): Leaf | null {
    const identity = { trustDomain: this.trustDomain(), datacenter: this.#datacenter, service, dnsNames };
    return this.#leaves.leaf(proxyId, identity);
  }

  /** What the control plane proves with who it is, to proxies that reach it by address. */
  controlPlaneLeaf(): Leaf | null {
    return this.#leaves.leaf("", this.#part("control plane", [controlPlaneName(this.#datacenter)]));
  }

  /** What a mesh gateway proves with who it is. */
  meshGatewayLeaf(proxyId: string): Leaf | null {
    return this.#leaves.leaf(proxyId, this.#part("mesh gateway", []));
  }

  #part(part: PartIdentity["part"], dnsNames: readonly string[]): PartIdentity {
    const trustDomain = this.trustDomain();
    return { trustDomain, datacenter: this.#datacenter, service: null, part, dnsNames };
  }

  /** Who signs now. */
  readonly #authority = cells((): Authority | null => {
    const [root] = this.#sources.find(roots, "active", "yes");
    const key = root && this.#sources.get(rootKeys, root.ID);
    if (root === undefined || key === undefined) return null;
    return { root, privateKey: keyPairOf(this.#vault.open(root.ID, key.PrivateKey)).privateKey };
  });

  #signingLimits(): SigningLimits {
    const settings = this.#sources.get(caConfigurations, CA_CONFIGURATION_KEY)?.Config;
    return { perSecond: settings?.CSRMaxPerSecond ?? 0, concurrent: settings?.CSRMaxConcurrent ?? 0 };
  }

  /** Milliseconds. */
  readonly #leafLifetime = cells(
    () => (this.#sources.get(caConfigurations, CA_CONFIGURATION_KEY)?.Config.LeafCertTTL ?? 0) / 1e6,
  );
}
