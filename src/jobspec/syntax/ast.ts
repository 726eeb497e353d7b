import type { Value } from "../values/value.ts";
import type { Span } from "./source.ts";

/** What stands between braces, or in a file. */
export interface Body extends Span {
  readonly form: "native";
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly Block[];
}

export interface Attribute extends Span {
  readonly name: string;
  readonly nameSpan: Span;
  readonly expression: Expression;
}

export interface Block extends Span {
  readonly type: string;
  readonly typeSpan: Span;
  readonly labels: readonly Label[];
  readonly body: Body;
}

export interface Label extends Span {
  readonly text: string;
}

export type Expression =
  | Literal
  | Template
  | Interpolation
  | Join
  | Reference
  | Traversal
  | Index
  | Splat
  | SplatItem
  | Call
  | Conditional
  | Binary
  | Unary
  | ObjectConstructor
  | TupleConstructor
  | For
  | Parentheses
  | Invalid;

export interface Literal extends Span {
  readonly kind: "literal";
  readonly value: Value;
}

/** Parts that are made text and put together. */
export interface Template extends Span {
  readonly kind: "template";
  readonly parts: readonly Expression[];
}

/** A template that is one `${ }` and nothing else: its value keeps its type. */
export interface Interpolation extends Span {
  readonly kind: "interpolation";
  readonly inner: Expression;
}

/** A `%{ for }` in a template: the texts of all turns. */
export interface Join extends Span {
  readonly kind: "join";
  readonly parts: For;
}

/** `root.a[0]`: what is not known when the job is read stays as it was written. */
export interface Reference extends Span {
  readonly kind: "reference";
  readonly root: string;
  readonly steps: readonly Step[];
  /** As text for whoever interpolates later: `${root.a}`. */
  readonly text: string;
}

export interface Traversal extends Span {
  readonly kind: "traversal";
  readonly source: Expression;
  readonly steps: readonly Step[];
}

/** `.name`, or `[key]` with a literal key. */
export type Step = Span &
  ({ readonly kind: "attribute"; readonly name: string } | { readonly kind: "index"; readonly key: Value });

export interface Index extends Span {
  readonly kind: "index";
  readonly collection: Expression;
  readonly key: Expression;
}

/** `source[*].a` or `source.*.a`: `each` with every item in place of its splat item. */
export interface Splat extends Span {
  readonly kind: "splat";
  readonly source: Expression;
  readonly item: SplatItem;
  readonly each: Expression;
}

export interface SplatItem extends Span {
  readonly kind: "splat item";
}

export interface Call extends Span {
  readonly kind: "call";
  readonly name: string;
  readonly nameSpan: Span;
  readonly arguments: readonly Expression[];
  /** The last argument is a sequence whose items are the last arguments: `f(list...)`. */
  readonly expandsLast: boolean;
}

export interface Conditional extends Span {
  readonly kind: "conditional";
  readonly condition: Expression;
  readonly whenTrue: Expression;
  readonly whenFalse: Expression;
}

export interface Binary extends Span {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export type BinaryOperator =
  | "||"
  | "&&"
  | "=="
  | "!="
  | ">"
  | ">="
  | "<"
  | "<="
  | "+"
  | "-"
  | "*"
  | "/"
  | "%";

export interface Unary extends Span {
  readonly kind: "unary";
  readonly operator: "!" | "-";
  readonly operand: Expression;
}

export interface ObjectConstructor extends Span {
  readonly kind: "object";
  readonly items: readonly ObjectItem[];
}

export interface ObjectItem {
  readonly key: Expression;
  readonly value: Expression;
}

export interface TupleConstructor extends Span {
  readonly kind: "tuple";
  readonly items: readonly Expression[];
}

export interface For extends Span {
  readonly kind: "for";
  readonly keyName: string | null;
  readonly valueName: string;
  readonly collection: Expression;
  /** Makes an object; without it, a tuple. */
  readonly key: Expression | null;
  readonly value: Expression;
  readonly condition: Expression | null;
  /** `...`: values of the same key make a tuple. */
  readonly grouped: boolean;
}

export interface Parentheses extends Span {
  readonly kind: "parentheses";
  readonly inner: Expression;
}

/** Stands where an error was reported. */
export interface Invalid extends Span {
  readonly kind: "invalid";
}
