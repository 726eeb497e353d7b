/**
 * Numbers of the language: binary floating point with 512 bits, rounded to nearest, ties to even. The value is
 * mantissa × 2^exponent, the mantissa odd, or 0 with exponent 0.
 */
export interface ExactNumber {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const precision = 512;

/** The largest power of ten that a number may be written with, so that its digits can be written out. */
const greatestPowerOfTen = 4_000;

export const zero: ExactNumber = { mantissa: 0n, exponent: 0 };

function bitLength(positive: bigint): number {
  return (
    positive.toString(16).length * 4 - Math.clz32(Number.parseInt(positive.toString(16)[0] ?? "0", 16)) + 28
  );
}

/** Rounds, and takes factors of two out of the mantissa. */
function normalized(mantissa: bigint, exponent: number): ExactNumber {
  if (mantissa === 0n) return zero;
  const negative = mantissa < 0n;
  let [digits, power] = [negative ? -mantissa : mantissa, exponent];
  const excess = bitLength(digits) - precision;
  if (excess > 0) {
    digits = roundedShift(digits, excess);
    power += excess;
  }
  const twos = trailingZeros(digits);
  digits >>= BigInt(twos);
  return { mantissa: negative ? -digits : digits, exponent: power + twos };
}

function roundedShift(digits: bigint, bits: number): bigint {
  const shift = BigInt(bits);
  const kept = digits >> shift;
  const rest = digits - (kept << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (kept & 1n) === 1n);
  return up ? kept + 1n : kept;
}

function trailingZeros(digits: bigint): number {
  if ((digits & 1n) === 1n) return 0;
  let count = 0;
  let rest = digits;
  for (; (rest & 0xffffffffn) === 0n; rest >>= 32n) count += 32;
  for (; (rest & 1n) === 0n; rest >>= 1n) count++;
  return count;
}

export function fromInteger(value: number | bigint): ExactNumber {
  return normalized(BigInt(value), 0);
}

/** What a double is written as, not its exact binary fraction; null for what is not finite. */
export function fromDouble(value: number): ExactNumber | null {
  return parseNumber(String(value));
}

const decimal = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Reads "12", "-1.5", "6e10"; null where it is no number, or one of absurd size. */
export function parseNumber(text: string): ExactNumber | null {
  const match = decimal.exec(text);
  const [, sign = "", whole = "", fraction = "", power = "0"] = match ?? [];
  if (match === null || whole + fraction === "") return null;
  if (text.length > greatestPowerOfTen || Math.abs(Number(power)) > greatestPowerOfTen) return null;
  const digits = BigInt(sign + whole + fraction);
  return scaled(digits, Number(power) - fraction.length);
}

/** digits × 10^power */
function scaled(digits: bigint, power: number): ExactNumber {
  if (power >= 0) return normalized(digits * 10n ** BigInt(power), 0);
  return quotient(digits, 0, 10n ** BigInt(-power));
}

/** numerator × 2^exponent / denominator, rounded once */
function quotient(numerator: bigint, exponent: number, denominator: bigint): ExactNumber {
  const negative = numerator < 0n !== denominator < 0n;
  const [top, bottom] = [
    numerator < 0n ? -numerator : numerator,
    denominator < 0n ? -denominator : denominator,
  ];
  if (top === 0n) return zero;
  const shift = Math.max(0, precision + 2 - (bitLength(top) - bitLength(bottom)));
  const shifted = top << BigInt(shift);
  const result = shifted / bottom;
  const sticky = result * bottom !== shifted;
  // An odd last bit below the precision keeps a tie from looking like one.
  const exact = normalized((result << 1n) | (sticky ? 1n : 0n), exponent - shift - 1);
  return negative ? negate(exact) : exact;
}

function aligned(a: ExactNumber, b: ExactNumber): [bigint, bigint, number] {
  const exponent = Math.min(a.exponent, b.exponent);
  return [a.mantissa << BigInt(a.exponent - exponent), b.mantissa << BigInt(b.exponent - exponent), exponent];
}

export function add(a: ExactNumber, b: ExactNumber): ExactNumber {
  const [left, right, exponent] = aligned(a, b);
  return normalized(left + right, exponent);
}

export function negate(a: ExactNumber): ExactNumber {
  return { mantissa: -a.mantissa, exponent: a.exponent };
}

export function subtract(a: ExactNumber, b: ExactNumber): ExactNumber {
  return add(a, negate(b));
}

export function multiply(a: ExactNumber, b: ExactNumber): ExactNumber {
  return normalized(a.mantissa * b.mantissa, a.exponent + b.exponent);
}

/** `b` is not zero. */
export function divide(a: ExactNumber, b: ExactNumber): ExactNumber {
  return quotient(a.mantissa, a.exponent - b.exponent, b.mantissa);
}

/** The remainder of a division towards zero, with the sign of `a`; `a` itself when `b` is zero. */
export function remainder(a: ExactNumber, b: ExactNumber): ExactNumber {
  if (b.mantissa === 0n) return a;
  const [left, right, exponent] = aligned(a, b);
  return normalized(left % right, exponent);
}

export function compare(a: ExactNumber, b: ExactNumber): number {
  if (a.exponent === b.exponent) return a.mantissa < b.mantissa ? -1 : a.mantissa > b.mantissa ? 1 : 0;
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

export function equal(a: ExactNumber, b: ExactNumber): boolean {
  return a.mantissa === b.mantissa && a.exponent === b.exponent;
}

export function isInteger(a: ExactNumber): boolean {
  return a.exponent >= 0;
}

/** Cuts off what is behind the point. */
export function truncated(a: ExactNumber): bigint {
  if (a.exponent >= 0) return a.mantissa << BigInt(a.exponent);
  const divisor = 1n << BigInt(-a.exponent);
  return a.mantissa / divisor;
}

/** The nearest double. */
export function toDouble(a: ExactNumber): number {
  if (a.exponent >= 0 && a.exponent < 64 && bitLength(absolute(a.mantissa)) + a.exponent <= 53) {
    return Number(a.mantissa << BigInt(a.exponent));
  }
  return Number(toText(a, true));
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** The shortest decimal that reads as the same number; without an exponent unless `scientific`. */
export function toText(a: ExactNumber, scientific = false): string {
  if (a.exponent >= 0 && !scientific) {
    const whole = a.mantissa << BigInt(a.exponent);
    if (bitLength(absolute(whole)) <= precision) return whole.toString();
  }
  const sign = a.mantissa < 0n ? "-" : "";
  const { digits, point } = shortestDigits({ mantissa: absolute(a.mantissa), exponent: a.exponent });
  if (scientific) return `${sign}0.${digits}e${point}`;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${"0".repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/**
 * The fewest digits d with 0.d × 10^point inside half a unit of the last of the 512 bits, found by the method of
 * Steele and White.
 */
function shortestDigits({ mantissa, exponent }: ExactNumber): { digits: string; point: number } {
  if (mantissa === 0n) return { digits: "0", point: 1 };
  const spare = precision - bitLength(mantissa);
  const wide = mantissa << BigInt(spare);
  const power = exponent - spare - 1;
  let numerator = wide << 1n;
  let denominator = 1n;
  let above = 1n;
  let below = 1n;
  if (wide === 1n << BigInt(precision - 1)) [numerator, denominator, above] = [numerator << 1n, 2n, 2n];
  if (power >= 0) {
    [numerator, above, below] = [numerator << BigInt(power), above << BigInt(power), below << BigInt(power)];
  } else {
    denominator <<= BigInt(-power);
  }
  const inclusive = (wide & 1n) === 0n;
  let point = Math.ceil(((bitLength(mantissa) + exponent) * Math.LN2) / Math.LN10) - 1;
  if (point >= 0) denominator *= 10n ** BigInt(point);
  else
    [numerator, above, below] = [numerator, above, below].map((part) => part * 10n ** BigInt(-point)) as [
      bigint,
      bigint,
      bigint,
    ];
  while (inclusive ? numerator + above >= denominator : numerator + above > denominator) {
    denominator *= 10n;
    point++;
  }
  let digits = "";
  for (;;) {
    [numerator, above, below] = [numerator * 10n, above * 10n, below * 10n];
    const digit = numerator / denominator;
    numerator %= denominator;
    const low = inclusive ? numerator <= below : numerator < below;
    const high = inclusive ? numerator + above >= denominator : numerator + above > denominator;
    if (!low && !high) {
      digits += digit;
      continue;
    }
    const roundUp = high && (!low || numerator * 2n >= denominator);
    return { digits: digits + (roundUp ? digit + 1n : digit), point };
  }
}
