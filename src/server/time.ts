/** Nanoseconds since 1970, the unit of time stamps in Nomad's API. */
export function nanosecondsNow(): number {
  return Date.now() * 1e6;
}
