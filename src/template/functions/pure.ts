import type { TemplateFunctions } from "../execute.ts";
import { arithmeticFunctions } from "./arithmetic.ts";
import { builtinFunctions } from "./builtin.ts";
import { collectionFunctions } from "./collections.ts";
import { encodingFunctions } from "./encoding.ts";
import { sprigFunctions } from "./sprig.ts";
import { textFunctions } from "./text.ts";

/** All functions that need nothing from outside but the clock. */
export const pureFunctions: TemplateFunctions = {
  ...sprigFunctions,
  ...arithmeticFunctions,
  ...encodingFunctions,
  ...collectionFunctions,
  ...textFunctions,
  ...builtinFunctions,
  timestamp: () => new Date().toISOString().replace(/\.\d+Z$/, "Z"),
};
