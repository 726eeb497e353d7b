/**
 * A schema is plain data that describes one value: its kind, its bounds, its default, how it is written in HCL
 * and what it means. Types, decoding, defaults, checks, documentation and JSON Schema are all read from it.
 */
export type Schema =
  | StringSchema
  | IntegerSchema
  | NumberSchema
  | BooleanSchema
  | DurationSchema
  | ListSchema
  | MapSchema
  | ObjectSchema
  | OpaqueSchema;

interface Described {
  /** One or two sentences for the documentation page. */
  readonly doc: string;
  /** The canonical value is null when nothing was given. */
  readonly nullable?: true;
  /** How a field of this schema is written in HCL; by default as `defaultForm` in hcl-form.ts says. */
  readonly hcl?: HclForm;
  /** Further names of the field in JSON. */
  readonly aliases?: readonly string[];
  /** The value is obsolete; the text says what to write in its place. */
  readonly deprecated?: string;
}

export interface StringSchema extends Described {
  readonly kind: "string";
  readonly default?: string;
  readonly oneOf?: readonly string[];
  readonly pattern?: Pattern;
  /** In UTF-16 code units. */
  readonly maxLength?: number;
}

/** Text that holds `${` is left to whoever interpolates it: neither `pattern` nor `oneOf` is asked of it. */
export interface Pattern {
  readonly regexp: RegExp;
  /** What the text should be, as the end of "expected …". */
  readonly expected: string;
}

export interface IntegerSchema extends Described, Bounds {
  readonly kind: "integer";
  readonly default?: number;
}

export interface NumberSchema extends Described, Bounds {
  readonly kind: "number";
  readonly default?: number;
}

/** Nanoseconds in memory and in JSON; also read from text such as "1m30s". */
export interface DurationSchema extends Described, Bounds {
  readonly kind: "duration";
  readonly default?: number;
}

export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  /** 0 counts as absent, for clients that cannot send the difference. */
  readonly zeroIsAbsent?: true;
}

export interface BooleanSchema extends Described {
  readonly kind: "boolean";
  readonly default?: boolean;
}

export interface ListSchema<Items = Schema> extends Described {
  readonly kind: "list";
  readonly items: Items;
  readonly default?: readonly Json[];
}

export interface MapSchema<Values = Schema> extends Described {
  readonly kind: "map";
  readonly values: Values;
}

export interface ObjectSchema<Fields = Readonly<Record<string, Schema>>> extends Described {
  readonly kind: "object";
  /** Unique among the schemas that are documented together. */
  readonly name: string;
  readonly fields: Fields;
  /** Fields that only HCL has; who reads the HCL hands them on to where JSON has them. */
  readonly inHclOnly?: Readonly<Record<string, Schema>>;
  /** HCL attributes that stand for several fields at once, by name. */
  readonly shorthands?: Readonly<Record<string, Shorthand>>;
}

/** Any JSON value, passed on unread. */
export interface OpaqueSchema extends Described {
  readonly kind: "opaque";
}

/** `name = x` in HCL sets every field of `sets`, and the field `value` to x as text. */
export interface Shorthand {
  readonly doc: string;
  readonly kind: "string" | "boolean";
  readonly sets: Readonly<Record<string, string>>;
  /** Absent where the language accepts the name but gives it no meaning. */
  readonly value?: string;
}

export interface AttributeOptions {
  /** It may not be left out where its block is written. */
  readonly required?: true;
  /** Where it is left out, its default is as good as written. */
  readonly filled?: true;
}

export type HclForm =
  | (AttributeOptions & { readonly form: "attribute"; readonly name?: string })
  | {
      readonly form: "block";
      readonly name?: string;
      /** The field that takes the block's label. */
      readonly label?: string;
      /** What a label stands for, where it is not the field's value itself. */
      readonly labelValues?: Readonly<Record<string, string>>;
      /** `name = { … }` is read as well. */
      readonly orAttribute?: true;
      /** Several fields may share a block's name: a block goes to the first field that holds it. */
      readonly holds?: (value: Readonly<Record<string, unknown>>) => boolean;
    }
  | { readonly form: "none" };

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The canonical value of a schema: every field there, lists and maps never null. */
export type Value<S> = S extends { readonly nullable: true } ? Present<S> | null : Present<S>;

type Present<S> = S extends { readonly kind: "string"; readonly oneOf: readonly (infer Choice)[] }
  ? Choice
  : S extends { readonly kind: "string" }
    ? string
    : S extends { readonly kind: "integer" | "number" | "duration" }
      ? number
      : S extends { readonly kind: "boolean" }
        ? boolean
        : S extends { readonly kind: "list"; readonly items: infer Items }
          ? Value<Items>[]
          : S extends { readonly kind: "map"; readonly values: infer Values }
            ? { [key: string]: Value<Values> }
            : S extends { readonly kind: "object"; readonly fields: infer Fields }
              ? { -readonly [Name in keyof Fields]: Value<Fields[Name]> }
              : Json;

/** A value as it was parsed or received: any part of it may be absent or null, and text is not yet checked. */
export type Input<T> = T extends string
  ? string
  : Json extends T
    ? T
    : T extends number | boolean | null
      ? T
      : T extends readonly (infer Item)[]
        ? Input<Item>[]
        : T extends object
          ? { [Name in keyof T]?: Input<T[Name]> | null | undefined }
          : T;
