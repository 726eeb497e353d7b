/** One %-sequence of a format. */
export interface Verb {
  readonly raw: string;
  readonly offset: number;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | null;
  readonly mode: string;
}

/** The bases of whole numbers, by mode. */
export const bases: Readonly<Record<string, number>> = { b: 2, d: 10, o: 8, x: 16, X: 16 };

/** What stands before the digits of a number. */
export function signOf({ flags }: Verb, isNegative: boolean): string {
  if (isNegative) return "-";
  return flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
}

/** Zeros stand between the sign and the digits, spaces before the sign or behind all. */
export function alignNumber({ flags, width, precision, mode }: Verb, sign: string, digits: string): string {
  const missing = Math.max(0, width - sign.length - digits.length);
  if (flags.includes("-")) return sign + digits + " ".repeat(missing);
  const zeros = flags.includes("0") && (precision === null || !(mode in bases));
  return zeros ? sign + "0".repeat(missing) + digits : " ".repeat(missing) + sign + digits;
}
