import { wordCharacter } from "./characters.ts";
import { parsePattern } from "./parse.ts";
import type { Instruction } from "./program.ts";
import { compilePattern } from "./program.ts";
import type { Assertion } from "./syntax.ts";
import { RegexpError } from "./syntax.ts";

/** The start and end of each group in UTF-16 code units, or -1; the whole match is group 0. */
export type Captures = readonly number[];

export interface Regexp {
  readonly program: readonly Instruction[];
  readonly groupNames: readonly (string | null)[];
}

/** What is wrong with a pattern, or null. */
export function regexpProblem(source: string): string | null {
  try {
    compileRegexp(source);
    return null;
  } catch (error) {
    if (error instanceof RegexpError) return error.message;
    throw error;
  }
}

/**
 * Compiles a pattern in the syntax of RE2. The time of a match is at most the length of the text times that of the
 * pattern, whoever wrote either. Throws a RegexpError.
 */
export function compileRegexp(source: string): Regexp {
  const { pattern, groupNames } = parsePattern(source);
  return { program: compilePattern(pattern), groupNames };
}

/** Whether the pattern matches anywhere in the text. */
export function matchesRegexp(regexp: Regexp, text: string): boolean {
  return findMatch(regexp, text, 0) !== null;
}

/** Replaces every match by what `replacement` gives for it. */
export function replaceMatches(
  regexp: Regexp,
  text: string,
  replacement: (captures: Captures) => string,
): string {
  let result = "";
  let copied = 0;
  let lastEnd = -1;
  for (let from = 0; from <= text.length; ) {
    const captures = findMatch(regexp, text, from);
    if (captures === null) break;
    const [start = 0, end = 0] = captures;
    const isEmptyBehindMatch = start === end && start === lastEnd;
    if (!isEmptyBehindMatch) {
      result += text.slice(copied, start) + replacement(captures);
      copied = end;
      lastEnd = end;
    }
    from = end > start ? end : end + characterLength(text, end);
  }
  return result + text.slice(copied);
}

const mostSteps = 20_000_000;

interface Thread {
  readonly at: number;
  readonly captures: readonly number[];
}

/** The leftmost match at or behind `from`; of several there, the one that the pattern prefers. */
export function findMatch({ program, groupNames }: Regexp, text: string, from: number): Captures | null {
  const unset: readonly number[] = new Array<number>(groupNames.length * 2).fill(-1);
  let threads: Thread[] = [];
  let found: Captures | null = null;
  let steps = 0;
  for (let position = from; ; position += characterLength(text, position)) {
    const starting = found === null ? [{ at: program.length - 1, captures: unset }] : [];
    const ready = follow(program, text, position, [...threads, ...starting]);
    steps += ready.length + 1;
    if (steps > mostSteps) throw new RegexpError("the match takes too long");
    threads = [];
    for (const { at, captures } of ready) {
      const instruction = program[at];
      if (instruction?.kind === "match") {
        found = captures;
        break;
      }
      const character = text.codePointAt(position);
      if (instruction?.kind === "character" && character !== undefined && instruction.set(character)) {
        threads.push({ at: instruction.next, captures });
      }
    }
    if (position >= text.length || (threads.length === 0 && found !== null)) return found;
  }
}

/** Takes threads, in order of preference, to where they need a character or have matched. */
function follow(
  program: readonly Instruction[],
  text: string,
  position: number,
  threads: readonly Thread[],
): Thread[] {
  const seen = new Set<number>();
  const ready: Thread[] = [];
  const waiting = threads.toReversed();
  for (let thread = waiting.pop(); thread !== undefined; thread = waiting.pop()) {
    const { at, captures } = thread;
    const instruction = program[at];
    if (instruction === undefined || seen.has(at)) continue;
    seen.add(at);
    switch (instruction.kind) {
      case "character":
      case "match":
        ready.push(thread);
        break;
      case "split":
        waiting.push({ at: instruction.other, captures }, { at: instruction.next, captures });
        break;
      case "save":
        waiting.push({ at: instruction.next, captures: captures.with(instruction.slot, position) });
        break;
      case "assertion":
        if (holds(instruction.assertion, text, position)) waiting.push({ at: instruction.next, captures });
        break;
    }
  }
  return ready;
}

function holds(assertion: Assertion, text: string, position: number): boolean {
  switch (assertion) {
    case "text start":
      return position === 0;
    case "text end":
      return position === text.length;
    case "line start":
      return position === 0 || text[position - 1] === "\n";
    case "line end":
      return position === text.length || text[position] === "\n";
    case "word boundary":
      return isWord(text, position - 1) !== isWord(text, position);
    case "no word boundary":
      return isWord(text, position - 1) === isWord(text, position);
  }
}

function isWord(text: string, index: number): boolean {
  return wordCharacter(text.charCodeAt(index) || 0);
}

function characterLength(text: string, position: number): number {
  return (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1;
}
