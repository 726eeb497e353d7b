import { attribute, boolean, filled, object, string, strings } from "../schema/builders.ts";
import type { Value } from "../schema/schema.ts";

export const vault = object("vault", "A token of Vault for the task.", {
  Policies: strings("", { deprecated: "`policies` belongs to the old way of getting tokens: use `role`." }),
  Role: string("The role that the task logs in with."),
  Namespace: string("Vault's namespace."),
  Cluster: string("Which Vault.", { default: "default" }),
  Env: boolean("Put the token into the environment.", { default: true, hcl: attribute(undefined, filled) }),
  DisableFile: boolean("Do not write the token to a file.", { hcl: attribute(undefined, filled) }),
  ChangeMode: string("What happens when the token changes.", {
    default: "restart",
    oneOf: ["noop", "restart", "signal"],
    hcl: attribute(undefined, filled),
  }),
  ChangeSignal: string('The signal for `change_mode = "signal"`.', { default: "SIGHUP" }),
  AllowTokenExpiration: boolean("The token need not be renewed."),
});

export type Vault = Value<typeof vault>;
