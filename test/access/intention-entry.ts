import type { JwtProvider } from "../../src/model/config-entry/jwt-provider.ts";
import type { ServiceIntentions } from "../../src/model/config-entry/service-intentions.ts";
import { entryOf } from "../mesh/support/entry.ts";

type Written = { readonly Name: string } & Readonly<Record<string, unknown>>;

/** A `service-intentions` entry from what its author writes of it. */
export function intentionEntry(written: Written): ServiceIntentions {
  return entryOf({ Kind: "service-intentions", ...written }) as ServiceIntentions;
}

export function jwtProvider(written: Written): JwtProvider {
  return entryOf({ Kind: "jwt-provider", ...written }) as JwtProvider;
}
