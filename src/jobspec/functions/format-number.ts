import type { ExactNumber } from "../values/number.ts";
import { toText } from "../values/number.ts";
import type { Verb } from "./format-verb.ts";
import { alignNumber, signOf } from "./format-verb.ts";

/** The digits d of a number 0.d × 10^point; zero has one digit and the point 1. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** %e, %f and %g as in https://pkg.go.dev/fmt: without a precision, %e and %f take six digits, %g the fewest. */
export function formatFloat(verb: Verb, number: ExactNumber): string {
  const isNegative = number.mantissa < 0n;
  const positive = { mantissa: isNegative ? -number.mantissa : number.mantissa, exponent: number.exponent };
  const text = unsigned(verb, positive);
  return alignNumber(
    verb,
    signOf(verb, isNegative),
    verb.mode === verb.mode.toUpperCase() ? text.toUpperCase() : text,
  );
}

function unsigned({ mode, precision }: Verb, number: ExactNumber): string {
  switch (mode.toLowerCase()) {
    case "f":
      return fixed(roundedTo(number, precision ?? 6), precision ?? 6);
    case "e":
      return scientific(significant(number, (precision ?? 6) + 1), (precision ?? 6) + 1);
    default:
      return general(number, precision);
  }
}

/** %g: with an exponent when that is below -4, or not below the precision; without a precision, below 6. */
function general(number: ExactNumber, precision: number | null): string {
  const decimal = precision === null ? shortest(number) : trimmed(significant(number, precision || 1));
  const exponent = decimal.point - 1;
  const limit = precision === null ? 6 : wide(decimal, precision || 1);
  if (exponent < -4 || exponent >= limit) return scientific(decimal, decimal.digits.length);
  return fixed(decimal, Math.max(0, decimal.digits.length - decimal.point));
}

function wide(decimal: Decimal, precision: number): number {
  const isShorter = precision > decimal.digits.length && decimal.digits.length >= decimal.point;
  return isShorter ? decimal.digits.length : precision;
}

function shortest(number: ExactNumber): Decimal {
  if (number.mantissa === 0n) return { digits: "0", point: 1 };
  const [, digits = "", point = "0"] = /^0\.(\d+)e(-?\d+)$/.exec(toText(number, true)) ?? [];
  return trimmed({ digits, point: Number(point) });
}

function trimmed({ digits, point }: Decimal): Decimal {
  return { digits: digits.replace(/0+$/, "") || "0", point };
}

/** Rounded half to even to so many places behind the point. */
function roundedTo({ mantissa, exponent }: ExactNumber, places: number): Decimal {
  const scaled = mantissa * 10n ** BigInt(places);
  const digits =
    exponent >= 0
      ? (scaled << BigInt(exponent)).toString()
      : roundedQuotient(scaled, 1n << BigInt(-exponent)).toString();
  return { digits, point: digits.length - places };
}

function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = (numerator - quotient * denominator) * 2n;
  const up = twice > denominator || (twice === denominator && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

/** Rounded to so many digits. */
function significant(number: ExactNumber, count: number): Decimal {
  if (number.mantissa === 0n) return { digits: "0".repeat(count), point: 1 };
  const { point } = shortest(number);
  const places = count - point;
  const rounded = places >= 0 ? roundedTo(number, places) : roundedAbove(number, -places);
  const grown = rounded.digits.length > count;
  return { digits: rounded.digits.slice(0, count), point: grown ? point + 1 : point };
}

/** Rounded to a multiple of 10^zeros, without these zeros. */
function roundedAbove({ mantissa, exponent }: ExactNumber, zeros: number): Decimal {
  const denominator = (10n ** BigInt(zeros)) << BigInt(Math.max(0, -exponent));
  const digits = roundedQuotient(mantissa << BigInt(Math.max(0, exponent)), denominator).toString();
  return { digits, point: digits.length + zeros };
}

function fixed({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  const fraction = point >= 0 ? digits.slice(point) : "0".repeat(-point) + digits;
  return places === 0 ? whole : `${whole}.${fraction.padEnd(places, "0").slice(0, places)}`;
}

function scientific({ digits, point }: Decimal, count: number): string {
  const exponent = point - 1;
  const mantissa = count > 1 ? `${digits[0]}.${digits.slice(1).padEnd(count - 1, "0")}` : digits[0];
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
