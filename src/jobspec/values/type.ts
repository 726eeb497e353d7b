/** Types of the language, as of https://github.com/zclconf/go-cty/blob/main/docs/types.md */
export type Type =
  | { readonly kind: "string" | "number" | "bool" }
  /** Stands for a type that is not known yet, and for `any` in a constraint. */
  | { readonly kind: "any" }
  | { readonly kind: "list" | "set" | "map"; readonly element: Type }
  | { readonly kind: "object"; readonly attributes: ReadonlyMap<string, Type> }
  | { readonly kind: "tuple"; readonly elements: readonly Type[] };

export type CollectionKind = "list" | "set" | "map";

export const stringType: Type = { kind: "string" };
export const numberType: Type = { kind: "number" };
export const boolType: Type = { kind: "bool" };
export const anyType: Type = { kind: "any" };

export function listOf(element: Type): Type {
  return { kind: "list", element };
}

export function setOf(element: Type): Type {
  return { kind: "set", element };
}

export function mapOf(element: Type): Type {
  return { kind: "map", element };
}

export function objectOf(attributes: ReadonlyMap<string, Type>): Type {
  return { kind: "object", attributes };
}

export function tupleOf(elements: readonly Type[]): Type {
  return { kind: "tuple", elements };
}

export function isPrimitive(type: Type): boolean {
  return type.kind === "string" || type.kind === "number" || type.kind === "bool";
}

export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case "list":
    case "set":
    case "map":
      return b.kind === a.kind && sameType(a.element, b.element);
    case "object":
      return b.kind === "object" && sameAttributes(a.attributes, b.attributes);
    case "tuple":
      return (
        b.kind === "tuple" &&
        a.elements.length === b.elements.length &&
        a.elements.every((element, index) => sameType(element, b.elements[index] ?? anyType))
      );
    case "string":
    case "number":
    case "bool":
    case "any":
      return a.kind === b.kind;
  }
}

function sameAttributes(a: ReadonlyMap<string, Type>, b: ReadonlyMap<string, Type>): boolean {
  return (
    a.size === b.size &&
    a.entries().every(([name, type]) => {
      const other = b.get(name);
      return other !== undefined && sameType(type, other);
    })
  );
}

/** Whether `any` occurs anywhere inside. */
export function hasAny(type: Type): boolean {
  switch (type.kind) {
    case "any":
      return true;
    case "list":
    case "set":
    case "map":
      return hasAny(type.element);
    case "object":
      return type.attributes.values().some(hasAny);
    case "tuple":
      return type.elements.some(hasAny);
    case "string":
    case "number":
    case "bool":
      return false;
  }
}

/** "list of string", "object", "tuple" … */
export function typeName(type: Type): string {
  switch (type.kind) {
    case "any":
      return "dynamic";
    case "list":
    case "set":
    case "map":
      return type.element.kind === "any"
        ? `${type.kind} of any single type`
        : `${type.kind} of ${typeName(type.element)}`;
    case "string":
    case "number":
    case "bool":
    case "object":
    case "tuple":
      return type.kind;
  }
}
