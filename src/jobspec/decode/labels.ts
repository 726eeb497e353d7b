import type { ScopedBlock } from "../body/dynamic.ts";
import { report } from "../evaluate/scope.ts";
import type { BlockField, Decoding } from "./decoding.ts";

/** Whether a block has the labels that its field wants; what is wrong with them is reported. */
export function hasRightLabels(
  { name, label, labelValues }: BlockField,
  block: ScopedBlock,
  { evaluation, lenient }: Decoding,
): boolean {
  const wanted = label === undefined ? 0 : 1;
  const [first, second] = block.labels;
  if (block.labels.length < wanted && !lenient) {
    report(
      evaluation,
      block.typeSpan,
      `Missing name for ${name}`,
      `All ${name} blocks must have 1 label: ${name} "name" { … }.`,
    );
    return false;
  }
  const extra = wanted === 0 ? first : second;
  if (extra !== undefined) {
    report(
      evaluation,
      extra,
      `Extraneous label for ${name}`,
      wanted === 0
        ? `No labels are expected for ${name} blocks.`
        : `Only 1 label is expected for ${name} blocks.`,
    );
    return false;
  }
  if (labelValues !== undefined && first !== undefined && !Object.hasOwn(labelValues, first.text)) {
    const names = Object.keys(labelValues)
      .map((key) => JSON.stringify(key))
      .join(" or ");
    report(evaluation, first, `Invalid ${name} name`, `The label of a ${name} block here must be ${names}.`);
    return false;
  }
  return true;
}
