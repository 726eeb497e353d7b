import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether a strict verifier who trusts `roots` alone accepts a leaf with what it shows beside itself. */
export function isTrusted(roots: string, leaf: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), "yurt-openssl-"));
  try {
    const files = { roots, leaf };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const words = ["verify", "-x509_strict", "-purpose", "sslserver", "-no-CApath", "-no-CAstore"];
    const [certificates, shown] = [join(folder, "roots"), join(folder, "leaf")];
    const output = execFileSync(
      "openssl",
      [...words, "-partial_chain", "-CAfile", certificates, "-untrusted", shown, shown],
      { encoding: "utf8", stdio: "pipe" },
    );
    return output.trim().endsWith(": OK");
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
