import {
  anyButNewline,
  anyCharacter,
  complement,
  ignoringCase,
  perlClass,
  posixClass,
  range,
  unicodeClass,
  union,
} from "./characters.ts";
import type { CharacterSet, Pattern } from "./syntax.ts";
import { RegexpError } from "./syntax.ts";

interface Flags {
  readonly ignoreCase: boolean;
  readonly manyLines: boolean;
  readonly dotIsAny: boolean;
  readonly ungreedy: boolean;
}

const flagNames: Readonly<Record<string, keyof Flags>> = {
  i: "ignoreCase",
  m: "manyLines",
  s: "dotIsAny",
  U: "ungreedy",
};

const greatestRepeat = 1000;
const deepestNesting = 250;

export interface ParsedPattern {
  readonly pattern: Pattern;
  /** By number; the whole match is 0. */
  readonly groupNames: readonly (string | null)[];
}

/**
 * Reads a pattern in the syntax of RE2 (https://github.com/google/re2/wiki/Syntax), which has no look-around and
 * no back-references, and so can always be matched in linear time.
 */
export function parsePattern(source: string): ParsedPattern {
  const parser = new Parser(source);
  return { pattern: parser.pattern(), groupNames: parser.groupNames };
}

class Parser {
  readonly groupNames: (string | null)[] = [null];
  readonly #source: string[];
  #at = 0;
  #depth = 0;
  #flags: Flags = { ignoreCase: false, manyLines: false, dotIsAny: false, ungreedy: false };

  constructor(source: string) {
    this.#source = [...source];
  }

  pattern(): Pattern {
    const pattern = this.#choice();
    if (this.#at < this.#source.length) throw new RegexpError("unexpected )");
    return pattern;
  }

  #peek(text: string): boolean {
    return [...text].every((character, index) => this.#source[this.#at + index] === character);
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at += [...text].length;
    return true;
  }

  #next(what: string): string {
    const character = this.#source[this.#at++];
    if (character === undefined) throw new RegexpError(what);
    return character;
  }

  #until(end: string, what: string): string {
    let text = "";
    while (!this.#take(end)) text += this.#next(what);
    return text;
  }

  #choice(): Pattern {
    if (++this.#depth > deepestNesting) throw new RegexpError("expression nests too deeply");
    const flags = this.#flags;
    const parts = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    this.#flags = flags;
    this.#depth--;
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "choice", parts };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    while (this.#at < this.#source.length && !this.#peek("|") && !this.#peek(")"))
      parts.push(...this.#quoted());
    return { kind: "sequence", parts };
  }

  /** One repeated atom, or the characters between \Q and \E. */
  #quoted(): Pattern[] {
    if (!this.#take("\\Q")) return [this.#repeated()];
    const rest = this.#source.slice(this.#at).join("");
    const end = rest.indexOf("\\E");
    const text = [...(end < 0 ? rest : rest.slice(0, end))];
    this.#at += text.length + (end < 0 ? 0 : 2);
    return text.map((character) => this.#literal(character));
  }

  #repeated(): Pattern {
    const inner = this.#atom();
    const times = this.#times();
    if (times === null) return inner;
    const lazy = this.#take("?") !== this.#flags.ungreedy;
    if (this.#times() !== null) throw new RegexpError("invalid nested repetition operator");
    return { kind: "repeat", inner, ...times, lazy };
  }

  #times(): { min: number; max: number } | null {
    if (this.#take("*")) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#take("+")) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#take("?")) return { min: 0, max: 1 };
    const counts = /^\{(\d{1,9})(,(\d{0,9}))?\}/.exec(this.#source.slice(this.#at, this.#at + 24).join(""));
    if (counts === null) return null;
    const min = Number(counts[1]);
    const max =
      counts[2] === undefined ? min : counts[3] === "" ? Number.POSITIVE_INFINITY : Number(counts[3]);
    if (min > greatestRepeat || (max > greatestRepeat && max !== Number.POSITIVE_INFINITY) || min > max) {
      throw new RegexpError(`invalid repeat count: ${counts[0]}`);
    }
    this.#at += counts[0].length;
    return { min, max };
  }

  #atom(): Pattern {
    const character = this.#next("unexpected end");
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return this.#characters(this.#class());
      case ".":
        return { kind: "character", set: this.#flags.dotIsAny ? anyCharacter : anyButNewline };
      case "^":
        return { kind: "assertion", assertion: this.#flags.manyLines ? "line start" : "text start" };
      case "$":
        return { kind: "assertion", assertion: this.#flags.manyLines ? "line end" : "text end" };
      case "*":
      case "+":
      case "?":
        throw new RegexpError(`missing argument to repetition operator: ${character}`);
      case "\\":
        return this.#escape();
      default:
        return this.#literal(character);
    }
  }

  #literal(character: string): Pattern {
    const code = character.codePointAt(0) ?? 0;
    return this.#characters(range(code, code));
  }

  #characters(set: CharacterSet): Pattern {
    return { kind: "character", set: this.#flags.ignoreCase ? ignoringCase(set) : set };
  }

  #group(): Pattern {
    if (!this.#take("?")) return this.#capture(null);
    if (this.#take("P<") || this.#take("<")) {
      const name = this.#until(">", "invalid named capture");
      if (!/^\w+$/.test(name) || this.groupNames.includes(name))
        throw new RegexpError(`invalid named capture: ${name}`);
      return this.#capture(name);
    }
    return this.#flagGroup();
  }

  #capture(name: string | null): Pattern {
    const index = this.groupNames.push(name) - 1;
    return { kind: "group", index, name, inner: this.#closed() };
  }

  #closed(): Pattern {
    const inner = this.#choice();
    if (!this.#take(")")) throw new RegexpError("missing closing )");
    return inner;
  }

  /** (?i) changes the flags up to the end of the group around it, (?i:…) for its own content. */
  #flagGroup(): Pattern {
    const outer = this.#flags;
    let flags = outer;
    let value = true;
    for (;;) {
      const letter = this.#next("missing argument to (?");
      if (letter === ":" || letter === ")") {
        this.#flags = flags;
        if (letter === ")") return { kind: "empty" };
        const inner = this.#closed();
        this.#flags = outer;
        return inner;
      }
      const name = flagNames[letter];
      if (letter === "-" && value) value = false;
      else if (name === undefined) throw new RegexpError("invalid or unsupported Perl syntax: (?");
      else flags = { ...flags, [name]: value };
    }
  }

  #escape(): Pattern {
    const letter = this.#source[this.#at] ?? "";
    const assertions = {
      A: "text start",
      z: "text end",
      b: "word boundary",
      B: "no word boundary",
    } as const;
    if (letter in assertions) {
      this.#at++;
      return { kind: "assertion", assertion: assertions[letter as keyof typeof assertions] };
    }
    return this.#characters(this.#escapedSet());
  }

  /** What may stand behind a backslash, inside and outside of a class. */
  #escapedSet(): CharacterSet {
    const letter = this.#next("trailing backslash at end of expression");
    const perl = perlClass(letter);
    if (perl !== null) return perl;
    if (letter === "p" || letter === "P") {
      const set = unicodeClass(
        this.#take("{") ? this.#until("}", "invalid character class range") : this.#next("\\p"),
      );
      return letter === "p" ? set : complement(set);
    }
    const code = this.#escapedCharacter(letter);
    return range(code, code);
  }

  #escapedCharacter(letter: string): number {
    const controls: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
    const control = controls[letter];
    if (control !== undefined) return control;
    if (letter === "x") return this.#hexadecimal();
    if (/[0-7]/.test(letter)) return this.#octal(letter);
    if (/[A-Za-z0-9]/.test(letter)) throw new RegexpError(`invalid escape sequence: \\${letter}`);
    return letter.codePointAt(0) ?? 0;
  }

  #hexadecimal(): number {
    const digits = this.#take("{")
      ? this.#until("}", "invalid escape sequence: \\x{")
      : this.#next("invalid escape sequence: \\x") + this.#next("invalid escape sequence: \\x");
    const code = /^[0-9A-Fa-f]{1,6}$/.test(digits) ? Number.parseInt(digits, 16) : Number.POSITIVE_INFINITY;
    if (code > 0x10ffff) throw new RegexpError(`invalid escape sequence: \\x${digits}`);
    return code;
  }

  /** \123; a lone digit other than 0 would be a back-reference, which there is not. */
  #octal(first: string): number {
    let digits = first;
    while (digits.length < 3 && /[0-7]/.test(this.#source[this.#at] ?? "")) digits += this.#next("");
    if (first !== "0" && digits.length < 2) throw new RegexpError(`invalid escape sequence: \\${first}`);
    return Number.parseInt(digits, 8);
  }

  #class(): CharacterSet {
    const negated = this.#take("^");
    const sets: CharacterSet[] = [];
    for (let first = true; first || !this.#peek("]"); first = false) sets.push(this.#classPart());
    this.#at++;
    const set = this.#flags.ignoreCase ? ignoringCase(union(sets)) : union(sets);
    return negated ? complement(set) : set;
  }

  #classPart(): CharacterSet {
    if (this.#take("[:")) return posixClass(this.#until(":]", "missing closing ]"));
    if (this.#peek("\\") && /[dDsSwWpP]/.test(this.#source[this.#at + 1] ?? "")) {
      this.#at++;
      return this.#escapedSet();
    }
    const from = this.#classCharacter();
    if (!this.#peek("-") || this.#source[this.#at + 1] === "]") return range(from, from);
    this.#at++;
    const to = this.#classCharacter();
    if (to < from) throw new RegexpError("invalid character class range");
    return range(from, to);
  }

  #classCharacter(): number {
    const character = this.#next("missing closing ]");
    if (character === "\\") return this.#escapedCharacter(this.#next("missing closing ]"));
    return character.codePointAt(0) ?? 0;
  }
}
