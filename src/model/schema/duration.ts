/**
 * Durations in Go's notation ("1h30m", "250ms", "-1.5h"), as nanoseconds.
 * Rules: https://pkg.go.dev/time#ParseDuration
 */
const nanosecondsOf: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

export const millisecond = 1e6;
export const second = 1e9;
export const minute = 60 * second;
export const hour = 60 * minute;

const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
const longest = 2 ** 63;

/** Nanoseconds, or null where the text is not a duration or does not fit 64 bits. */
export function parseDuration(text: string): number | null {
  const sign = text.startsWith("-") ? -1 : 1;
  let at = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
  if (text.slice(at) === "0") return 0;
  if (at === text.length) return null;
  let total = 0;
  while (at < text.length) {
    part.lastIndex = at;
    const match = part.exec(text);
    if (match === null) return null;
    total += nanoseconds(match[1] ?? "", nanosecondsOf[match[2] ?? ""] ?? 0);
    at = part.lastIndex;
  }
  return total < longest ? sign * total || 0 : null;
}

/** Whole and fraction apart, so that "1.1s" is 1 100 000 000 and not one less. */
function nanoseconds(amount: string, unit: number): number {
  const [whole = "", fraction = ""] = amount.split(".");
  return Number(whole) * unit + Math.trunc(Number((Number(`0.${fraction}0`) * unit).toPrecision(15)));
}

/** The shortest usual form: "1h30m", "250ms", "0s". */
export function formatDuration(nanos: number): string {
  if (nanos === 0) return "0s";
  if (nanos < 0) return `-${formatDuration(-nanos)}`;
  if (nanos < second) return belowSecond(nanos);
  const hours = Math.floor(nanos / hour);
  const minutes = Math.floor((nanos % hour) / minute);
  const seconds = (nanos % minute) / second;
  return `${hours ? `${hours}h` : ""}${minutes ? `${minutes}m` : ""}${seconds ? `${seconds}s` : ""}`;
}

function belowSecond(nanos: number): string {
  if (nanos >= millisecond) return `${nanos / millisecond}ms`;
  return nanos >= 1e3 ? `${nanos / 1e3}µs` : `${nanos}ns`;
}
