import type { UpstreamRegistration } from "#model/catalog.ts";
import type { ServiceDefaults } from "#model/config-entry/config-entry.ts";
import { type UpstreamSettings, upstreamDefaults } from "#model/config-entry/upstream-config.ts";
import { decode } from "#model/schema/decode.ts";
import { settingsOf, statedBy } from "./settings.ts";

export type { UpstreamSettings };

/**
 * How a proxy reaches one upstream: what its own registration says goes before the overrides for that upstream
 * in the service's defaults, and these before the defaults for all upstreams.
 */
export function upstreamSettings(
  {
    DestinationName,
    DestinationPeer,
    Config,
  }: Pick<UpstreamRegistration, "DestinationName" | "DestinationPeer" | "Config">,
  service: ServiceDefaults | undefined,
): UpstreamSettings {
  const central = service?.UpstreamConfig;
  const override = central?.Overrides.find(
    ({ Name, Peer }) => Name === DestinationName && Peer === DestinationPeer,
  );
  const settings = settingsOf(
    upstreamDefaults,
    statedBy(upstreamDefaults, central?.Defaults),
    statedBy(upstreamDefaults, override),
    decode(upstreamDefaults, Config, { lenient: true }).value,
  );
  return { ...settings, Name: "", Peer: "" };
}
