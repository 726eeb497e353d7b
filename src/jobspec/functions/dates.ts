import { parseDuration } from "#model/schema/duration.ts";
import { FunctionError } from "../evaluate/function.ts";
import { stringValue } from "../values/value.ts";
import { define } from "./define.ts";

/** A moment, and the offset from UTC in minutes at which it is read. */
interface Timestamp {
  readonly milliseconds: number;
  readonly offset: number;
}

export const dateFunctions = {
  formatdate: define({ format: "text", time: "text" }, ({ format, time }) =>
    stringValue(formatDate(format, parseTimestamp(time, 1))),
  ),
  timeadd: define({ timestamp: "text", duration: "text" }, ({ timestamp, duration }) => {
    const nanoseconds = parseDuration(duration);
    if (nanoseconds === null)
      throw new FunctionError(`invalid duration ${JSON.stringify(duration.slice(0, 80))}`, 1);
    const { milliseconds, offset } = parseTimestamp(timestamp, 0);
    return stringValue(
      formatDate("YYYY-MM-DD'T'hh:mm:ssZ", { milliseconds: milliseconds + nanoseconds / 1e6, offset }),
    );
  }),
};

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))$/;

function parseTimestamp(text: string, argument: number): Timestamp {
  const match = rfc3339.exec(text);
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = (match?.slice(1, 7) ?? []).map(
    Number,
  );
  const [sign, offsetHours, offsetMinutes] = match?.slice(8, 11) ?? [];
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  local.setUTCHours(hours, minutes, seconds, Number(match?.[7] ?? 0) * 1000);
  const isReal =
    local.getUTCMonth() === month - 1 &&
    local.getUTCDate() === day &&
    hours < 24 &&
    minutes < 60 &&
    seconds < 60;
  const offset = (sign === "-" ? -1 : 1) * (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0));
  if (match === null || !isReal || Math.abs(offset) >= 24 * 60) {
    throw new FunctionError(
      `not a valid RFC3339 timestamp: ${JSON.stringify(text.slice(0, 80))} should look like "2006-01-02T15:04:05Z"`,
      argument,
    );
  }
  return { milliseconds: local.getTime() - offset * 60_000, offset };
}

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

type Verb = (date: Date, offset: number) => string;

const two = (value: number) => String(value).padStart(2, "0");
const twelve = (date: Date) => date.getUTCHours() % 12 || 12;
const half = (date: Date) => (date.getUTCHours() < 12 ? "am" : "pm");

const verbs: Readonly<Record<string, Verb>> = {
  YY: (date) => two(date.getUTCFullYear() % 100),
  YYYY: (date) => String(date.getUTCFullYear()).padStart(4, "0"),
  M: (date) => String(date.getUTCMonth() + 1),
  MM: (date) => two(date.getUTCMonth() + 1),
  MMM: (date) => (months[date.getUTCMonth()] ?? "").slice(0, 3),
  MMMM: (date) => months[date.getUTCMonth()] ?? "",
  D: (date) => String(date.getUTCDate()),
  DD: (date) => two(date.getUTCDate()),
  EEE: (date) => (days[date.getUTCDay()] ?? "").slice(0, 3),
  EEEE: (date) => days[date.getUTCDay()] ?? "",
  h: (date) => String(date.getUTCHours()),
  hh: (date) => two(date.getUTCHours()),
  H: (date) => String(twelve(date)),
  HH: (date) => two(twelve(date)),
  AA: (date) => half(date).toUpperCase(),
  aa: half,
  m: (date) => String(date.getUTCMinutes()),
  mm: (date) => two(date.getUTCMinutes()),
  s: (date) => String(date.getUTCSeconds()),
  ss: (date) => two(date.getUTCSeconds()),
  Z: (_, offset) => (offset === 0 ? "Z" : zone(offset, ":")),
  ZZZ: (_, offset) => (offset === 0 ? "UTC" : zone(offset, "")),
  ZZZZ: (_, offset) => zone(offset, ""),
  ZZZZZ: (_, offset) => zone(offset, ":"),
};

function zone(offset: number, separator: string): string {
  const minutes = Math.abs(offset);
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}${separator}${two(minutes % 60)}`;
}

/** Letters are verbs, text in single quotes stands for itself, and so does everything else. */
function formatDate(format: string, { milliseconds, offset }: Timestamp): string {
  const date = new Date(milliseconds + offset * 60_000);
  if (Number.isNaN(date.getTime())) throw new FunctionError("the date is out of range");
  return format.replaceAll(
    /'((?:[^']|'')*)('?)|([a-zA-Z])\3*/g,
    (found, quoted: string | undefined, close: string) => {
      if (quoted !== undefined) return unquoted(quoted, close);
      const verb = Object.hasOwn(verbs, found) ? verbs[found] : undefined;
      if (verb === undefined)
        throw new FunctionError(
          `invalid date format verb ${JSON.stringify(found.slice(0, 20))}: there are ${Object.keys(verbs).join(", ")}`,
          0,
        );
      return verb(date, offset);
    },
  );
}

function unquoted(text: string, close: string): string {
  if (close === "") throw new FunctionError("unterminated literal '", 0);
  return text === "" ? "'" : text.replaceAll("''", "'");
}
