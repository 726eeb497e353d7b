import type { CharacterSet } from "./syntax.ts";
import { RegexpError } from "./syntax.ts";

export const anyCharacter: CharacterSet = () => true;
export const anyButNewline: CharacterSet = (character) => character !== 10;

export function range(from: number, to: number): CharacterSet {
  return (character) => from <= character && character <= to;
}

export function union(sets: readonly CharacterSet[]): CharacterSet {
  return (character) => sets.some((set) => set(character));
}

export function complement(set: CharacterSet): CharacterSet {
  return (character) => !set(character);
}

/** The set, whatever the case of the character. */
export function ignoringCase(set: CharacterSet): CharacterSet {
  return (character) => {
    if (set(character)) return true;
    const text = String.fromCodePoint(character);
    return [text.toLowerCase(), text.toUpperCase()].some(
      (variant) => variant.length === text.length && set(variant.codePointAt(0) ?? -1),
    );
  };
}

function oneOf(text: string): CharacterSet {
  return (character) => character < 128 && text.includes(String.fromCharCode(character));
}

const digit = range(48, 57);
const lower = range(97, 122);
const upper = range(65, 90);

export const wordCharacter = union([lower, upper, digit, oneOf("_")]);

/** \d and the like. */
const perlClasses: Readonly<Record<string, CharacterSet>> = {
  d: digit,
  w: wordCharacter,
  s: oneOf("\t\n\f\r "),
};

/** [[:alpha:]] and the like. */
const posixClasses: Readonly<Record<string, CharacterSet>> = {
  alnum: union([lower, upper, digit]),
  alpha: union([lower, upper]),
  ascii: range(0, 127),
  blank: oneOf("\t "),
  cntrl: union([range(0, 31), range(127, 127)]),
  digit,
  graph: range(33, 126),
  lower,
  print: range(32, 126),
  punct: union([range(33, 47), range(58, 64), range(91, 96), range(123, 126)]),
  space: oneOf("\t\n\v\f\r "),
  upper,
  word: wordCharacter,
  xdigit: union([digit, range(65, 70), range(97, 102)]),
};

/** The class of a letter behind a backslash, or null. */
export function perlClass(letter: string): CharacterSet | null {
  const set = perlClasses[letter.toLowerCase()];
  if (set === undefined) return null;
  return letter === letter.toLowerCase() ? set : complement(set);
}

/** `name` may begin with ^ for the complement. */
export function posixClass(name: string): CharacterSet {
  const set = posixClasses[name.replace("^", "")];
  if (set === undefined) throw new RegexpError(`invalid character class range: [:${name}:]`);
  return name.startsWith("^") ? complement(set) : set;
}

/** A Unicode category (`Lu`) or script (`Greek`); `name` may begin with ^ for the complement. */
export function unicodeClass(name: string): CharacterSet {
  const plain = name.replace("^", "");
  const test = propertyTest(plain);
  const set: CharacterSet = (character) => test.test(String.fromCodePoint(character));
  return name.startsWith("^") ? complement(set) : set;
}

function propertyTest(name: string): RegExp {
  if (/^\w+$/.test(name)) {
    for (const property of [`gc=${name}`, `sc=${name}`, name]) {
      try {
        return new RegExp(`^\\p{${property}}$`, "u");
      } catch {}
    }
  }
  throw new RegexpError(`invalid character class range: \\p{${name}}`);
}
