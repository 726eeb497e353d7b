import { type Command, CommandError, type Flag, type Flags, type FlagValues } from "./command.ts";

export interface ParsedLine {
  readonly flags: FlagValues<Flags>;
  readonly arguments: readonly string[];
}

/**
 * Reads a command line as Go's flag package does (one dash or two, `=` or a space before a value), but takes
 * flags after arguments as well.
 */
export function parseLine(name: string, command: Command, words: readonly string[]): ParsedLine {
  const given = new Map<string, string[]>();
  const rest: string[] = [];
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === "--") {
      rest.push(...queue.splice(0));
    } else if (word.startsWith("-") && word !== "-" && !(command.passesFlagsOn && rest.length > 0)) {
      const [flag, value] = readFlag(name, command.flags, word, queue);
      given.set(flag, [...(given.get(flag) ?? []), value]);
    } else {
      rest.push(word);
    }
  }
  checkArity(name, command, rest);
  const flags = Object.entries(command.flags).map(([flag, spec]) => [
    flag,
    flagValue(flag, spec, given.get(flag)),
  ]);
  return { flags: Object.fromEntries(flags), arguments: rest };
}

function readFlag(name: string, flags: Flags, word: string, queue: string[]): [flag: string, value: string] {
  const [, flag = "", value] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  const spec = flags[flag];
  if (spec === undefined) {
    throw new CommandError(`unknown flag ${word.split("=")[0]}. See: yurt ${name} -help`);
  }
  if (value !== undefined) return [flag, value];
  if (spec.kind === "boolean") return [flag, "true"];
  const next = queue.shift();
  if (next === undefined) throw new CommandError(`flag -${flag} needs a value: -${flag}=${spec.value}`);
  return [flag, next];
}

function flagValue(
  flag: string,
  spec: Flag,
  given: readonly string[] | undefined,
): FlagValues<Flags>[string] {
  const last = given?.at(-1);
  switch (spec.kind) {
    case "boolean":
      return last === undefined ? (spec.default ?? false) : truth(flag, last);
    case "texts":
      return given ?? [];
    case "text":
      return last ?? ((spec.environment && process.env[spec.environment]) || spec.default);
    case "integer":
      return last === undefined ? spec.default : integer(flag, last);
    case "duration":
      return last === undefined ? spec.default : milliseconds(flag, last);
  }
}

function truth(flag: string, text: string): boolean {
  if (["true", "1", "t", "T", "TRUE", "True"].includes(text)) return true;
  if (["false", "0", "f", "F", "FALSE", "False"].includes(text)) return false;
  throw new CommandError(`flag -${flag} is true or false, not "${text}"`);
}

function integer(flag: string, text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new CommandError(`flag -${flag} is a whole number, not "${text}"`);
  return Number(text);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function milliseconds(flag: string, text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new CommandError(`flag -${flag} is a duration such as 30s, 5m or 1h30m, not "${text}"`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0), 0);
}

function checkArity(name: string, { arity: [least, most], usage }: Command, rest: readonly string[]): void {
  if (rest.length >= least && rest.length <= most) return;
  const expected =
    least === most
      ? `${least}`
      : most === Number.POSITIVE_INFINITY
        ? `at least ${least}`
        : `${least} to ${most}`;
  throw new CommandError(
    `this command takes ${expected === "0" ? "no" : expected} argument${expected === "1" ? "" : "s"}, not ${rest.length}. Usage: yurt ${name} ${usage}`,
  );
}
