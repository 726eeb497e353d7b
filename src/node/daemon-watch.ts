import { isDeepStrictEqual } from "node:util";
import type { DriverInfo } from "#model/node.ts";
import { pause } from "#model/pulse.ts";
import type { Driver } from "./drivers/driver.ts";
import { driverInfos } from "./fingerprint.ts";

/** Milliseconds. */
const LOOK = 3000;

/**
 * Looks again and again whether the daemons that drivers need are there, until `signal` aborts, and tells what has
 * changed: one may be started after the agent, or go away for a while.
 */
export async function watchDaemons(
  drivers: Readonly<Record<string, Driver>>,
  known: Readonly<Record<string, DriverInfo>>,
  changed: (infos: Readonly<Record<string, DriverInfo>>) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const watched = Object.fromEntries(Object.entries(drivers).filter(([, { needsDaemon }]) => needsDaemon));
  let last: Readonly<Record<string, DriverInfo>> = Object.fromEntries(
    Object.keys(watched).flatMap((name) => (known[name] ? [[name, known[name]]] : [])),
  );
  while (!signal.aborted) {
    await pause(LOOK, signal);
    const found = await driverInfos(watched);
    if (signal.aborted || isDeepStrictEqual(found, last)) continue;
    last = found;
    await changed(found);
  }
}
