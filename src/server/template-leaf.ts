import { effect } from "@preact/signals-core";
import type { Leaf } from "#mesh/ca/leaf.ts";
import type { Mesh } from "#mesh/mesh.ts";
import type { TemplateAnswers } from "#model/template-data.ts";

/** A certificate and a key for a service, and new ones each time they are renewed, until `signal` aborts. */
export async function* watchLeaf(
  mesh: Mesh,
  service: string,
  signal: AbortSignal,
): AsyncGenerator<TemplateAnswers["leaf"]> {
  let latest: Leaf | null = null;
  let wake = () => {};
  const stop = effect(() => {
    latest = mesh.certificates.leaf(`template ${service}`, service);
    wake();
  });
  signal.addEventListener("abort", () => wake());
  try {
    for (let last: Leaf | null | undefined; !signal.aborted; ) {
      if (last === latest)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      else {
        last = latest;
        yield shown(last);
      }
    }
  } finally {
    stop();
  }
}

function shown(leaf: Leaf | null): TemplateAnswers["leaf"] {
  return leaf && { CertPEM: leaf.certificate, PrivateKeyPEM: leaf.privateKey };
}
