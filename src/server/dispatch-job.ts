import { randomBytes } from "node:crypto";
import type { Job } from "#model/job/job.ts";
import type { State } from "#state/state.ts";
import { type Launch, launch } from "./launch.ts";
import { RefusedError } from "./refused-error.ts";
import { jobKey, jobs } from "./tables.ts";

export interface DispatchRequest {
  /** In base64. */
  readonly payload: string;
  readonly meta: Readonly<Record<string, string>>;
  /** Goes into the child's id. */
  readonly idPrefix: string;
  /** A second request with the same token launches nothing. */
  readonly idempotencyToken: string;
}

/** Bytes, as in Nomad. */
const LARGEST_PAYLOAD = 16 * 1024;

export interface Dispatched extends Omit<Launch, "evaluation"> {
  /** Empty when the job was dispatched before with the same token. */
  readonly evaluation: Launch["evaluation"] | "";
  readonly index: number;
}

/** Makes a job of a parameterized one, with the payload and the facts that come with the request. */
export async function dispatchJob(
  state: State,
  namespace: string,
  id: string,
  request: DispatchRequest,
): Promise<Dispatched> {
  const { result, index } = await state.transact((tx): Omit<Dispatched, "index"> => {
    const parent = tx.get(jobs, jobKey(namespace, id));
    if (parent === undefined) throw new RefusedError("parameterized job not found", "not found");
    assertFits(parent, request);
    const known = dispatchedBefore(state, parent, request.idempotencyToken);
    if (known !== undefined) return { job: known, evaluation: "" };
    const child = {
      ID: childId(parent, request.idPrefix),
      Dispatched: true,
      DispatchIdempotencyToken: request.idempotencyToken,
      Payload: request.payload === "" ? null : request.payload,
      Meta: { ...parent.Meta, ...request.meta },
    };
    return launch(state, tx, parent, child, "job-register");
  });
  return { ...result, index };
}

function childId({ ID }: Job, prefix: string): string {
  const parts = [prefix, String(Math.floor(Date.now() / 1000)), randomBytes(4).toString("hex")];
  return `${ID}/dispatch-${parts.filter((part) => part !== "").join("-")}`;
}

function dispatchedBefore(state: State, parent: Job, token: string): Job | undefined {
  if (token === "") return undefined;
  return state
    .find(jobs, "parent", jobKey(parent.Namespace, parent.ID))
    .find(({ DispatchIdempotencyToken }) => DispatchIdempotencyToken === token);
}

function assertFits(
  { ParameterizedJob, Stop, Dispatched, ID }: Job,
  { payload, meta }: DispatchRequest,
): void {
  if (ParameterizedJob === null || Dispatched)
    throw new RefusedError(`Specified job "${ID}" is not a parameterized job`);
  if (Stop) throw new RefusedError(`Specified job "${ID}" is stopped`);
  const { Payload, MetaRequired, MetaOptional } = ParameterizedJob;
  if (Payload === "required" && payload === "")
    throw new RefusedError("Payload is not provided but required by parameterized job");
  if (Payload === "forbidden" && payload !== "")
    throw new RefusedError("Payload provided but forbidden by parameterized job");
  assertPayload(payload);
  const given = Object.keys(meta);
  const missing = MetaRequired.filter((key) => !given.includes(key));
  if (missing.length > 0)
    throw new RefusedError(`Dispatch did not provide required meta keys: [${missing.join(" ")}]`);
  const foreign = given.filter((key) => ![...MetaRequired, ...MetaOptional].includes(key));
  if (foreign.length > 0) {
    throw new RefusedError(`Dispatch request included unpermitted metadata keys: [${foreign.join(" ")}]`);
  }
}

function assertPayload(payload: string): void {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(payload)) throw new RefusedError("Payload is not in base64");
  const size = Buffer.byteLength(payload, "base64");
  if (size > LARGEST_PAYLOAD) {
    throw new RefusedError(`Payload exceeds maximum size; ${size} > ${LARGEST_PAYLOAD}`);
  }
}
