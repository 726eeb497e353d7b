import type { ConfigEntry } from "#model/config-entry/config-entry.ts";

/** The other services that an entry sends requests to: what is said of them concerns it too. */
export function leadsTo(entry: ConfigEntry): readonly string[] {
  const named = servicesOf(entry).filter((name) => name !== "" && name !== "*" && name !== entry.Name);
  return [...new Set(named)];
}

function servicesOf(entry: ConfigEntry): readonly string[] {
  if (entry.Kind === "service-router")
    return entry.Routes.map(({ Destination }) => Destination?.Service ?? "");
  if (entry.Kind === "service-splitter") return entry.Splits.map(({ Service }) => Service);
  if (entry.Kind === "service-resolver") {
    const places = Object.values(entry.Failover).flatMap((failover) => [failover, ...failover.Targets]);
    return [entry.Redirect, ...places].map((place) => place?.Service ?? "");
  }
  if (entry.Kind === "ingress-gateway")
    return entry.Listeners.flatMap(({ Services }) => Services.map(({ Name }) => Name));
  return [];
}
