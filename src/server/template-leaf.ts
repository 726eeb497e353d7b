import { effect } from "@preact/signals-core";
import type { Leaf } from "#mesh/ca/leaf.ts";
import type { Mesh } from "#mesh/mesh.ts";
import { Pulse } from "#model/pulse.ts";
import type { TemplateAnswers } from "#model/template-data.ts";

/** A certificate and a key for a service, and new ones each time they are renewed, until `signal` aborts. */
export async function* watchLeaf(
  mesh: Mesh,
  service: string,
  signal: AbortSignal,
): AsyncGenerator<TemplateAnswers["leaf"]> {
  let latest: Leaf | null = null;
  const renewed = new Pulse();
  const stop = effect(() => {
    latest = mesh.certificates.leaf(`template ${service}`, service);
    renewed.fire();
  });
  try {
    for (let last: Leaf | null | undefined; !signal.aborted; ) {
      if (last === latest) await renewed.next(signal);
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
