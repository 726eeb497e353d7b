/**
 * Times in cron's notation: minute, hour, day of month, month, day of week; a field of seconds may stand before
 * them and one of years after them. Also @hourly, @daily, @weekly, @monthly and @yearly.
 * Fields: https://pkg.go.dev/github.com/hashicorp/cronexpr
 */
interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
  /** What else a field may say: the last day, the nearest weekday … */
  readonly special?: RegExp;
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const standard: readonly Field[] = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of month", min: 1, max: 31, special: /^(\?|l|lw|l-\d+|\d+w)$/ },
  { name: "month", min: 1, max: 12, names: months },
  {
    name: "day of week",
    min: 0,
    max: 7,
    names: days,
    special: /^(\?|l|([0-7]|sun|mon|tue|wed|thu|fri|sat)(l|#[1-5]))$/,
  },
];

const seconds: Field = { name: "second", min: 0, max: 59 };
const years: Field = { name: "year", min: 1970, max: 2099 };

const nicknames = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@hourly"];

const fieldsByCount: Readonly<Record<number, readonly Field[]>> = {
  5: standard,
  6: [...standard, years],
  7: [seconds, ...standard, years],
};

/** What is wrong with a time in cron's notation, or null. */
export function cronProblem(text: string): string | null {
  const words = text.trim().toLowerCase().split(/\s+/);
  if (words.length === 1 && nicknames.includes(words[0] ?? "")) return null;
  const fields = fieldsByCount[words.length];
  if (fields === undefined) {
    return `${JSON.stringify(text)} is not a time in cron's notation: five fields are expected, as in "30 3 * * *".`;
  }
  const wrong = fields.findIndex(
    (field, index) => !(words[index] ?? "").split(",").every((part) => fits(field, part)),
  );
  return wrong < 0
    ? null
    : `${JSON.stringify(words[wrong])} is not a ${fields[wrong]?.name}: ${fields[wrong]?.min} to ${fields[wrong]?.max}, "*", ranges such as 2-5, steps such as */10 and lists are possible.`;
}

function fits(field: Field, part: string): boolean {
  if (field.special?.test(part)) return true;
  const [range = "", step, ...rest] = part.split("/");
  if (rest.length > 0 || (step !== undefined && !/^[1-9]\d{0,3}$/.test(step))) return false;
  if (range === "*") return true;
  const [from, to = from, ...more] = range.split("-").map((word) => numberOf(field, word));
  return more.length === 0 && from != null && to != null && from <= to;
}

function numberOf({ min, max, names = [] }: Field, word: string): number | null {
  const named = names.findIndex((name) => word.startsWith(name));
  if (named >= 0) return named + (min === 1 ? 1 : 0);
  const value = /^\d{1,4}$/.test(word) ? Number(word) : Number.NaN;
  return value >= min && value <= max ? value : null;
}
