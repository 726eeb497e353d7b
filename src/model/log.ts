import { styleText } from "node:util";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

type Fields = Readonly<Record<string, unknown>>;

/** One line an event: what happened in words, the particulars as fields. Secrets never go in either. */
export interface Log {
  trace(message: string, fields?: Fields): void;
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** A log whose lines are headed by the name of a part of the program. */
  named(name: string): Log;
}

const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error"];

export interface LogOptions {
  readonly level: LogLevel;
  readonly json: boolean;
  readonly colour: boolean;
  readonly write: (line: string) => void;
}

export function newLog(options: LogOptions, name = "agent"): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields: Fields = {}) => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(options.level)) return;
      options.write(
        `${options.json ? jsonLine(level, name, message, fields) : textLine(options, level, name, message, fields)}\n`,
      );
    };
  return {
    trace: at("trace"),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    named: (part) => newLog(options, part),
  };
}

/** For tests, and for parts that are used without an agent. */
export const silentLog: Log = newLog({ level: "error", json: false, colour: false, write: () => {} });

function jsonLine(level: LogLevel, name: string, message: string, fields: Fields): string {
  const time = new Date().toISOString();
  return JSON.stringify({
    "@timestamp": time,
    "@level": level,
    "@module": name,
    "@message": message,
    ...plain(fields),
  });
}

/** The form of line that Nomad's and Consul's users know: `time [LEVEL] part: message: key=value`. */
function textLine(
  { colour }: LogOptions,
  level: LogLevel,
  name: string,
  message: string,
  fields: Fields,
): string {
  const tag = `[${level.toUpperCase()}]`.padEnd(7);
  const particulars = Object.entries(plain(fields)).map(([key, value]) => ` ${key}=${quoted(value)}`);
  const shade = level === "error" ? "red" : level === "warn" ? "yellow" : "dim";
  const head = `${new Date().toISOString()} ${tag}`;
  return `${colour ? styleText(shade, head, { validateStream: false }) : head} ${name}: ${message}${particulars.length ? ":" : ""}${particulars.join("")}`;
}

function plain(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? value.message : value]),
  );
}

function quoted(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return typeof value === "string" && /[\s"=]/.test(value) ? JSON.stringify(value) : (text ?? "null");
}
