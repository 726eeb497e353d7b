/** A set of characters, as a test of a code point. */
export type CharacterSet = (character: number) => boolean;

/** A pattern as a tree. */
export type Pattern =
  | { readonly kind: "empty" }
  | { readonly kind: "character"; readonly set: CharacterSet }
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  | { readonly kind: "sequence"; readonly parts: readonly Pattern[] }
  | { readonly kind: "choice"; readonly parts: readonly Pattern[] }
  | { readonly kind: "group"; readonly index: number; readonly name: string | null; readonly inner: Pattern }
  | {
      readonly kind: "repeat";
      readonly inner: Pattern;
      readonly min: number;
      /** Infinity for no bound. */
      readonly max: number;
      readonly lazy: boolean;
    };

export type Assertion =
  | "text start"
  | "text end"
  | "line start"
  | "line end"
  | "word boundary"
  | "no word boundary";

/** A pattern that cannot be read; the message is meant for the one who wrote it. */
export class RegexpError extends Error {}
