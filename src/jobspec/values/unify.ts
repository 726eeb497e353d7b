import type { Type } from "./type.ts";
import { anyType, isPrimitive, listOf, mapOf, objectOf, sameType, setOf, tupleOf } from "./type.ts";

/**
 * Whether values of one type can be converted to another: safely, so that every value can, or at all, so that some
 * can ("12" to a number).
 */
export function canConvert(from: Type, to: Type, unsafe: boolean): boolean {
  if (to.kind === "any" || sameType(from, to)) return true;
  if (from.kind === "any") return unsafe;
  switch (to.kind) {
    case "string":
      return isPrimitive(from);
    case "number":
    case "bool":
      return unsafe && from.kind === "string";
    case "list":
      if (from.kind === "tuple") return allConvert(from.elements, to.element, unsafe);
      return (from.kind === "list" || from.kind === "set") && canConvert(from.element, to.element, unsafe);
    case "set":
      if (from.kind === "tuple") return allConvert(from.elements, to.element, unsafe);
      return (
        (from.kind === "set" || (unsafe && from.kind === "list")) &&
        canConvert(from.element, to.element, unsafe)
      );
    case "map":
      if (from.kind === "object") return allConvert([...from.attributes.values()], to.element, unsafe);
      return from.kind === "map" && canConvert(from.element, to.element, unsafe);
    case "object":
      return toObject(from, to.attributes, unsafe);
    case "tuple":
      return (
        from.kind === "tuple" &&
        from.elements.length === to.elements.length &&
        to.elements.every((element, index) => canConvert(from.elements[index] ?? anyType, element, unsafe))
      );
  }
}

function allConvert(types: readonly Type[], to: Type, unsafe: boolean): boolean {
  const element = elementType(types, to, unsafe);
  return element !== null && types.every((type) => canConvert(type, element, unsafe));
}

/** The type of the elements of a collection made of parts of these types; null where they have none in common. */
export function elementType(types: readonly Type[], wanted: Type, unsafe: boolean): Type | null {
  if (wanted.kind !== "any" || types.length === 0) return wanted;
  const common = unify(types, unsafe);
  return common?.kind === "any" && types.some((type) => type.kind !== "any") ? null : common;
}

function toObject(from: Type, attributes: ReadonlyMap<string, Type>, unsafe: boolean): boolean {
  if (from.kind === "map") {
    return unsafe && attributes.values().every((type) => canConvert(from.element, type, unsafe));
  }
  return (
    from.kind === "object" &&
    attributes.entries().every(([name, type]) => {
      const given = from.attributes.get(name);
      return given !== undefined && canConvert(given, type, unsafe);
    })
  );
}

/** The type that all of the types can be converted to, or null. */
export function unify(types: readonly Type[], unsafe: boolean): Type | null {
  const [first] = types;
  if (first === undefined) return null;
  if (types.every((type) => sameType(type, first))) return first;
  const kinds = new Set(types.map(({ kind }) => kind));
  const withAny = kinds.delete("any");
  const only = (...allowed: Type["kind"][]) => kinds.size > 0 && kinds.isSubsetOf(new Set(allowed));
  if (only("map")) return withAny ? anyType : unifyCollections("map", types, unsafe);
  if (only("list")) return withAny ? anyType : unifyCollections("list", types, unsafe);
  if (only("set")) return withAny ? anyType : unifyCollections("set", types, unsafe);
  if (only("object")) return withAny ? anyType : unifyObjects(types, unsafe);
  if (only("tuple")) return withAny ? anyType : unifyTuples(types, unsafe);
  if (kinds.has("map") && only("map", "object")) return unifyAs("object", objectsToMap, types, unsafe);
  if (kinds.has("list") && only("list", "tuple")) return unifyAs("tuple", tuplesToList, types, unsafe);
  if (kinds.has("object") && kinds.has("tuple")) return null;
  return (
    inPreference(types).find((wanted) => types.every((type) => canConvert(type, wanted, unsafe))) ?? null
  );
}

function unifyCollections(
  kind: "map" | "list" | "set",
  types: readonly Type[],
  unsafe: boolean,
): Type | null {
  const element = unify(
    types.flatMap((type) => ("element" in type ? [type.element] : [])),
    unsafe,
  );
  if (element === null) return null;
  return checked(
    kind === "map" ? mapOf(element) : kind === "list" ? listOf(element) : setOf(element),
    types,
    unsafe,
  );
}

function checked(wanted: Type, types: readonly Type[], unsafe: boolean): Type | null {
  return types.every((type) => canConvert(type, wanted, unsafe)) ? wanted : null;
}

function attributesOf(type: Type): ReadonlyMap<string, Type> {
  return type.kind === "object" ? type.attributes : new Map();
}

function elementsOf(type: Type): readonly Type[] {
  return type.kind === "tuple" ? type.elements : [];
}

/** Objects of the same attributes make an object, others a map. */
function unifyObjects(types: readonly Type[], unsafe: boolean): Type | null {
  const [first = new Map<string, Type>(), ...others] = types.map(attributesOf);
  const alike = others.every(
    (other) => other.size === first.size && first.keys().every((name) => other.has(name)),
  );
  if (!alike) return objectsToMap(types, unsafe);
  const attributes = new Map<string, Type>();
  for (const name of first.keys()) {
    const common = unify(
      types.map((type) => attributesOf(type).get(name) ?? anyType),
      unsafe,
    );
    if (common === null) return null;
    attributes.set(name, common);
  }
  return checked(objectOf(attributes), types, unsafe) ?? objectsToMap(types, unsafe);
}

/** Tuples of the same length make a tuple, others a list. */
function unifyTuples(types: readonly Type[], unsafe: boolean): Type | null {
  const lengths = new Set(types.map((type) => elementsOf(type).length));
  if (lengths.size > 1) return tuplesToList(types, unsafe);
  const elements = elementsOf(types[0] ?? anyType).map((_, index) =>
    unify(
      types.map((type) => elementsOf(type)[index] ?? anyType),
      unsafe,
    ),
  );
  const known = elements.filter((element) => element !== null);
  if (known.length < elements.length) return null;
  return checked(tupleOf(known), types, unsafe) ?? tuplesToList(types, unsafe);
}

function objectsToMap(types: readonly Type[], unsafe: boolean): Type | null {
  const element = unify(
    types.flatMap((type) => [...attributesOf(type).values()]),
    unsafe,
  );
  return element && checked(mapOf(element), types, unsafe);
}

function tuplesToList(types: readonly Type[], unsafe: boolean): Type | null {
  const element = unify(types.flatMap(elementsOf), unsafe);
  return element && checked(listOf(element), types, unsafe);
}

/** First makes one collection of all the structures, then unifies that with the collections. */
function unifyAs(
  structure: "object" | "tuple",
  collected: (types: readonly Type[], unsafe: boolean) => Type | null,
  types: readonly Type[],
  unsafe: boolean,
): Type | null {
  const collection = collected(
    types.filter(({ kind }) => kind === structure),
    unsafe,
  );
  return (
    collection &&
    unify(
      types.map((type) => (type.kind === structure ? collection : type)),
      unsafe,
    )
  );
}

/** General types before those that can be converted to them; otherwise as given. */
function inPreference(types: readonly Type[]): Type[] {
  const rest = [...types];
  const order: Type[] = [];
  while (rest.length > 0) {
    const next = rest.findIndex((type) => !rest.some((other) => isMoreGeneral(other, type)));
    order.push(...rest.splice(Math.max(next, 0), 1));
  }
  return order;
}

function isMoreGeneral(a: Type, b: Type): boolean {
  if (b.kind === "any") return a.kind !== "any";
  if (a.kind === "string") return b.kind === "number" || b.kind === "bool";
  if (a.kind === "list")
    return (
      b.kind === "tuple" || b.kind === "set" || (b.kind === "list" && isMoreGeneral(a.element, b.element))
    );
  if (a.kind === "tuple") return b.kind === "set";
  if (a.kind === "map")
    return b.kind === "object" || (b.kind === "map" && isMoreGeneral(a.element, b.element));
  return a.kind === "set" && b.kind === "set" && isMoreGeneral(a.element, b.element);
}
