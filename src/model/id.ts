import { randomUUID } from "node:crypto";

/** Ids that could be mixed up are types of their own; each is a UUID. */
export type AllocationId = string & { readonly __id: "allocation" };
export type EvaluationId = string & { readonly __id: "evaluation" };
export type DeploymentId = string & { readonly __id: "deployment" };
export type NodeId = string & { readonly __id: "node" };

export function newId<Id extends string>(): Id {
  return randomUUID() as string as Id;
}

/** The form in which lists show an id: its first eight characters. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
