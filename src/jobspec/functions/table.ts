import type { FunctionDefinition, FunctionTable } from "../evaluate/function.ts";
import { collectionFunctions } from "./collections.ts";
import { cryptoFunctions } from "./crypto.ts";
import { dateFunctions } from "./dates.ts";
import { encodingFunctions } from "./encoding.ts";
import type { FileAccess } from "./files.ts";
import { fileFunctions } from "./files.ts";
import { networkFunctions } from "./network.ts";
import { numberFunctions } from "./numbers.ts";
import { rangeFunctions } from "./range.ts";
import { stringFunctions } from "./strings.ts";

const pure: Readonly<Record<string, FunctionDefinition>> = {
  can: { special: "can" },
  convert: { special: "convert" },
  try: { special: "try" },
  ...collectionFunctions,
  ...cryptoFunctions,
  ...dateFunctions,
  ...encodingFunctions,
  ...networkFunctions,
  ...numberFunctions,
  ...rangeFunctions,
  ...stringFunctions,
};

/** All functions of the language by name; those that look at files work only with access to some. */
export function functionTable(access: FileAccess | null): FunctionTable {
  return new Map(Object.entries({ ...pure, ...fileFunctions(access) }));
}
