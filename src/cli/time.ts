const SECOND = 1000;
const UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400 * SECOND],
  ["h", 3600 * SECOND],
  ["m", 60 * SECOND],
  ["s", SECOND],
];

/** `3m20s ago`, from nanoseconds since 1970. */
export function ago(nanoseconds: number): string {
  return `${span(Date.now() - nanoseconds / 1e6)} ago`;
}

/** Milliseconds in the two largest units that matter. */
export function span(milliseconds: number): string {
  let rest = Math.max(0, Math.floor(milliseconds / SECOND) * SECOND);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    if (rest >= size) {
      parts.push(`${Math.floor(rest / size)}${unit}`);
      rest %= size;
    }
  }
  return parts.slice(0, 2).join("") || "0s";
}

/** RFC 3339 to the second, in local time. */
export function timestamp(date: Date = new Date()): string {
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60 * SECOND).toISOString().slice(0, 19);
  if (offset === 0) return `${local}Z`;
  const minutes = Math.abs(offset);
  const pad = (number: number) => String(number).padStart(2, "0");
  return `${local}${offset < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}
