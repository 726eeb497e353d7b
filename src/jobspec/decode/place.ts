import type { ScopedBlock } from "../body/dynamic.ts";
import { report } from "../evaluate/scope.ts";
import type { BlockField, Decoded, Decoding } from "./decoding.ts";
import { isObject } from "./decoding.ts";

/** Puts what a block holds into the first field that has room for it. */
export function place(
  fields: readonly BlockField[],
  block: ScopedBlock,
  content: unknown,
  value: Decoded,
  decoding: Decoding,
): void {
  const { positions, evaluation } = decoding;
  positions.noteObject(content, block);
  const candidates = fields.filter(
    ({ holds }) => holds === undefined || (isObject(content) && holds(content)),
  );
  for (const { property, schema, label } of candidates) {
    const there = value[property];
    if (schema.kind === "list") {
      const items = Array.isArray(there) ? there : [];
      items.push(content);
      value[property] = items;
      if (items.length === 1) positions.note(value, property, block);
      return;
    }
    if (schema.kind === "map" && label !== undefined) {
      placeInMap(property, block, content, value, decoding);
      return;
    }
    if (there === undefined) {
      value[property] = content;
      positions.note(value, property, block);
      return;
    }
  }
  report(
    evaluation,
    block.typeSpan,
    `Duplicate ${block.type} block`,
    `Only one ${block.type} block is allowed here, and there is one before it.`,
  );
}

function placeInMap(
  property: string,
  block: ScopedBlock,
  content: unknown,
  value: Decoded,
  { positions, evaluation }: Decoding,
): void {
  const name = block.labels[0]?.text ?? "";
  const before = isObject(value[property]) ? value[property] : {};
  if (Object.hasOwn(before, name)) {
    report(
      evaluation,
      block.typeSpan,
      `Duplicate ${block.type} block`,
      `There is already a ${block.type} block named ${JSON.stringify(name)}.`,
    );
    return;
  }
  Object.defineProperty(before, name, {
    value: content,
    enumerable: true,
    writable: true,
    configurable: true,
  });
  value[property] = before;
  positions.note(value, property, block);
}
