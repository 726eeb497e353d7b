import { Random } from "../../support/random.ts";
import { jobFiles, readJobFile } from "../support/files.ts";
import { jobFileOf } from "./generate.ts";
import { mutated } from "./mutate.ts";

const seeds = [...jobFiles("jobs"), ...jobFiles("bad")].map((path) => readJobFile(path).source);

/** The text of a seed: made by the grammar, changed from a known file, or both. */
export function textOf(seed: number): string {
  const random = new Random(seed);
  const kind = random.below(3);
  if (kind === 0) return jobFileOf(random);
  return mutated(kind === 1 ? jobFileOf(random) : random.pick(seeds), random, seeds);
}
