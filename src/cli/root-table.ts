import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

export interface RootList {
  readonly TrustDomain: string;
  readonly Roots: readonly RootView[];
}

interface RootView {
  readonly ID: string;
  readonly Name: string;
  readonly RootCert: string;
  readonly PrivateKeyType: string;
  readonly PrivateKeyBits: number;
  readonly NotAfter: string;
  readonly Active: boolean;
  readonly RetiresAt: string | null;
}

export function printRoots(terminal: Terminal, { TrustDomain, Roots }: RootList): void {
  const rows = Roots.toSorted((a, b) => Number(b.Active) - Number(a.Active)).map((root) => [
    root.ID,
    root.Name,
    `${root.PrivateKeyType} ${root.PrivateKeyBits}`,
    root.NotAfter,
    root.Active ? "signs" : `trusted until ${root.RetiresAt}`,
  ]);
  terminal.print(
    `Trust domain: ${TrustDomain}`,
    "",
    ...table(["ID", "Name", "Key", "Valid until", "State"], rows),
  );
}
