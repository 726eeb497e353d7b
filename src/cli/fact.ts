import { CommandError } from "./command.ts";

/** The two halves of what a flag says as `key=value`. */
export function fact(flag: string, pair: string): [string, string] {
  const equals = pair.indexOf("=");
  if (equals < 1) throw new CommandError(`flag -${flag} is key=value, not "${pair}"`);
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}
