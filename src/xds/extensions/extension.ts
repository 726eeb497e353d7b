import type { Sidecar } from "#mesh/sidecar.ts";
import type { Resource } from "../resource.ts";

/** What an extension may look at beside the resources that it changes. */
export interface ExtensionContext {
  readonly sidecar: Sidecar;
}

/**
 * Changes what a proxy holds by what the user's `Arguments` say. Throws an error, in words for the user, where
 * they make no sense.
 */
export type Extension = (
  resources: readonly Resource[],
  args: Readonly<Record<string, unknown>>,
  context: ExtensionContext,
) => Resource[];
