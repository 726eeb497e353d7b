import type {
  AttributeOptions,
  Bounds,
  DurationSchema,
  HclForm,
  IntegerSchema,
  ListSchema,
  MapSchema,
  NumberSchema,
  ObjectSchema,
  OpaqueSchema,
  Pattern,
  Schema,
  StringSchema,
} from "./schema.ts";

/** What any field may say of itself beside its kind. */
interface FieldOptions {
  readonly hcl?: HclForm;
  readonly aliases?: readonly string[];
  readonly deprecated?: string;
}

interface StringOptions extends FieldOptions {
  readonly default?: string;
  readonly oneOf?: readonly string[];
  readonly pattern?: Pattern;
  readonly maxLength?: number;
}

interface NumberOptions extends FieldOptions, Bounds {
  readonly default?: number;
}

interface BooleanOptions extends FieldOptions {
  readonly default?: boolean;
}

interface ListOptions extends FieldOptions {
  readonly default?: readonly string[];
}

export function string<const Options extends StringOptions = object>(doc: string, options?: Options) {
  return { kind: "string", doc, ...options } as { kind: "string"; doc: string } & Options;
}

export function integer(doc: string, options?: NumberOptions): IntegerSchema {
  return { kind: "integer", doc, ...options };
}

export function number(doc: string, options?: NumberOptions): NumberSchema {
  return { kind: "number", doc, ...options };
}

export function duration(doc: string, options?: NumberOptions): DurationSchema {
  return { kind: "duration", doc, ...options };
}

export function boolean(doc: string, options?: BooleanOptions) {
  return { kind: "boolean" as const, doc, ...options };
}

export function opaque(doc: string, options?: FieldOptions): OpaqueSchema {
  return { kind: "opaque", doc, ...options };
}

export function list<Items extends Schema>(
  items: Items,
  doc: string,
  options?: FieldOptions,
): ListSchema<Items> {
  return { kind: "list", items, doc, ...options };
}

/** A list of texts. */
export function strings(doc: string, options?: ListOptions): ListSchema<StringSchema> {
  return { kind: "list", items: string(""), doc, ...options };
}

export function map<Values extends Schema>(
  values: Values,
  doc: string,
  options?: FieldOptions,
): MapSchema<Values> {
  return { kind: "map", values, doc, ...options };
}

/** A map from text to text. */
export function stringMap(doc: string, options?: FieldOptions) {
  return map(string(""), doc, options);
}

/** A map from text to any JSON. */
export function opaqueMap(doc: string, options?: FieldOptions) {
  return map(opaque(""), doc, options);
}

export function object<const Fields extends Readonly<Record<string, Schema>>>(
  name: string,
  doc: string,
  fields: Fields,
  more?: Pick<ObjectSchema, "shorthands" | "inHclOnly">,
): ObjectSchema<Fields> {
  return { kind: "object", name, doc, fields, ...more };
}

/** The same schema, but null where nothing is given; `doc` says what it means at this place. */
export function optional<S extends Schema>(schema: S, doc = schema.doc, options?: FieldOptions) {
  return { ...schema, ...options, doc, nullable: true } as S & { nullable: true };
}

/** The same object schema at a place where it is always there, filled with its defaults. */
export function always<S extends ObjectSchema>(schema: S, doc = schema.doc, options?: FieldOptions) {
  return { ...schema, ...options, doc } as S;
}

/** The same object with every field null where nothing is given: what is written over another such object. */
export function sparse<Fields extends Readonly<Record<string, Schema>>>(schema: ObjectSchema<Fields>) {
  const fields = Object.entries(schema.fields).map(([name, field]) => [name, { ...field, nullable: true }]);
  return { ...schema, fields: Object.fromEntries(fields) } as ObjectSchema<{
    [Name in keyof Fields]: Fields[Name] & { nullable: true };
  }>;
}

/** Written in HCL as `name = value`. */
export function attribute(name?: string, options?: AttributeOptions): HclForm {
  return { form: "attribute", ...(name !== undefined && { name }), ...options };
}

export const required: AttributeOptions = { required: true };

export const filled: AttributeOptions = { filled: true };

type BlockForm = Extract<HclForm, { form: "block" }>;

/** Written in HCL as `name "label" { … }`. */
export function block(name?: string, options?: Omit<BlockForm, "form" | "name">): HclForm {
  return { form: "block", ...(name !== undefined && { name }), ...options };
}

/** Has no place in HCL: set by Yurt, or only in JSON. */
export const notInHcl: HclForm = { form: "none" };
