import { type Decision, decide } from "../intention-decision.ts";
import { type Intention, local as ownService } from "../intentions.ts";
import type { Mesh } from "../mesh.ts";
import type { AskedRequest } from "./explanation.ts";

/** What the intentions of the service that is reached in the end say of a request without tokens. */
export function decisionAt(
  mesh: Mesh,
  destination: string,
  { source, method, path, headers }: AskedRequest,
): Decision & { readonly because: string } {
  const request = {
    method: method.toUpperCase(),
    path: path.split(/[?#]/)[0] ?? "",
    headers,
    tokens: new Map<string, object>(),
  };
  const seen = mesh.protocol(destination) === "tcp" ? null : request;
  const decision = decide(
    mesh.access.intentions(destination),
    ownService(source),
    destination,
    seen,
    mesh.defaultPolicy,
  );
  return { ...decision, because: reason(decision, mesh.defaultPolicy) };
}

function reason(decision: Decision, defaultPolicy: string): string {
  const { intention, overruled } = decision;
  if (intention === null) return `no intention matches, and the default policy is ${defaultPolicy}`;
  const name = `${pairOf(intention)} (${actionOf(intention, decision, defaultPolicy)}, precedence ${intention.precedence})`;
  const losers = overruled.map((other) => `${pairOf(other)} (${other.precedence})`);
  return losers.length === 0 ? name : `${name}, which is more exact than ${losers.join(" and ")}`;
}

const pairOf = ({ source, destination }: Intention) =>
  `${source.name}${source.peer === "" ? "" : ` of peer ${source.peer}`} => ${destination}`;

function actionOf({ action, permissions }: Intention, decision: Decision, defaultPolicy: string): string {
  const { permission, lacksToken } = decision;
  const token = lacksToken ? " with a token, which this request has not" : "";
  if (action !== "") return `${action}${token}`;
  if (permission === null) return `no permission matches, and the default policy is ${defaultPolicy}${token}`;
  return `${permissions[permission]?.Action}${token} by permission ${permission + 1} of ${permissions.length}`;
}
