import { attribute, boolean, duration, notInHcl, object, string, strings } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const identity = object("identity", "A signed identity (JWT) of the workload.", {
  Name: string("The name; `default` is the identity for the orchestrator's own API."),
  Audience: strings("Whom the identity is meant for.", { hcl: attribute("aud") }),
  ChangeMode: string("What happens when the identity is renewed.", {
    oneOf: ["", "noop", "restart", "signal"],
  }),
  ChangeSignal: string('The signal for `change_mode = "signal"`.'),
  Env: boolean("Put it into the task's environment as `NOMAD_TOKEN_<name>`."),
  File: boolean("Write it to `secrets/nomad_<name>.jwt`."),
  Filepath: string("Write it to this file in the task's directory in place of the usual one."),
  ServiceName: string("The service that the identity is for.", { hcl: notInHcl }),
  TTL: duration("How long it is valid before it is renewed; 0 means for ever."),
  ExtraClaims: strings("Further claims."),
});

export type WorkloadIdentity = Value<typeof identity>;

/** All identities of a task: the one for the orchestrator's own API, and those for others. */
export function identitiesOf(task: {
  readonly Identity: WorkloadIdentity;
  readonly Identities: readonly WorkloadIdentity[];
}): WorkloadIdentity[] {
  return [task.Identity, ...task.Identities];
}
