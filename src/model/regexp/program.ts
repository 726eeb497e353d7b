import type { Assertion, CharacterSet, Pattern } from "./syntax.ts";
import { RegexpError } from "./syntax.ts";

/** One step of a matching machine; `next` and the like are positions in the program. */
export type Instruction =
  | { readonly kind: "character"; readonly set: CharacterSet; next: number }
  | { readonly kind: "assertion"; readonly assertion: Assertion; next: number }
  | { readonly kind: "save"; readonly slot: number; next: number }
  /** Tries `next` before `other`. */
  | { readonly kind: "split"; next: number; other: number }
  | { readonly kind: "match" };

const longestProgram = 20_000;

/** Turns a pattern into a program; the slots 2n and 2n+1 take the start and the end of group n. */
export function compilePattern(pattern: Pattern): readonly Instruction[] {
  const program: Instruction[] = [];
  let written = 0;
  const add = (instruction: Instruction): number => program.push(instruction) - 1;

  /** Writes a pattern that goes on at `next`; gives where it begins. */
  const write = (node: Pattern, next: number): number => {
    if (++written > longestProgram) throw new RegexpError("expression too large");
    switch (node.kind) {
      case "empty":
        return next;
      case "character":
        return add({ kind: "character", set: node.set, next });
      case "assertion":
        return add({ kind: "assertion", assertion: node.assertion, next });
      case "sequence":
        return node.parts.reduceRight((after, part) => write(part, after), next);
      case "choice":
        return node.parts
          .map((part) => write(part, next))
          .reduceRight((other, first) => add({ kind: "split", next: first, other }));
      case "group": {
        const end = add({ kind: "save", slot: 2 * node.index + 1, next });
        return add({ kind: "save", slot: 2 * node.index, next: write(node.inner, end) });
      }
      case "repeat":
        return repeat(node, next);
    }
  };

  const fork = (lazy: boolean, inner: number, next: number): number =>
    add(lazy ? { kind: "split", next, other: inner } : { kind: "split", next: inner, other: next });

  const repeat = ({ inner, min, max, lazy }: Pattern & { kind: "repeat" }, next: number): number => {
    let start = next;
    if (max === Number.POSITIVE_INFINITY) {
      const loop = fork(lazy, 0, next);
      const body = write(inner, loop);
      program[loop] = lazy
        ? { kind: "split", next, other: body }
        : { kind: "split", next: body, other: next };
      start = loop;
    } else {
      for (let count = min; count < max; count++) start = fork(lazy, write(inner, start), next);
    }
    for (let count = 0; count < min; count++) start = write(inner, start);
    return start;
  };

  const end = add({ kind: "match" });
  const start = write({ kind: "group", index: 0, name: null, inner: pattern }, end);
  return [...program, { kind: "split", next: start, other: start }];
}
