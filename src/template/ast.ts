import type { Place } from "./template-error.ts";

/** A template as a tree (text/template of Go). */
export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipe: Pipe }
  | {
      readonly kind: "if" | "with" | "range";
      readonly pipe: Pipe;
      readonly body: Body;
      readonly otherwise: Body;
    }
  | { readonly kind: "template"; readonly name: string; readonly pipe: Pipe | null; readonly place: Place }
  | { readonly kind: "break" | "continue" };

export type Body = readonly Node[];

/** `$a, $b := command | command`. */
export interface Pipe {
  readonly variables: readonly string[];
  /** Whether the variables are new, or get another value. */
  readonly declares: boolean;
  readonly commands: readonly Command[];
  readonly place: Place;
}

/** A function or a value with arguments. */
export type Command = readonly [Operand, ...Operand[]];

export type Operand =
  | { readonly kind: "dot" | "nil" }
  | { readonly kind: "literal"; readonly value: string | number | boolean }
  | { readonly kind: "function"; readonly name: string; readonly place: Place }
  | {
      readonly kind: "variable";
      readonly name: string;
      readonly fields: readonly string[];
      readonly place: Place;
    }
  | { readonly kind: "field"; readonly fields: readonly string[]; readonly place: Place }
  | { readonly kind: "pipe"; readonly pipe: Pipe; readonly fields: readonly string[]; readonly place: Place };

/** The main template, and those that it defines, by their names. */
export interface ParsedTemplate {
  readonly name: string;
  readonly body: Body;
  readonly defined: ReadonlyMap<string, Body>;
}
