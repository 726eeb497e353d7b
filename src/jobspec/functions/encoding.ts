import { FunctionError } from "../evaluate/function.ts";
import type { JsonNode } from "../syntax/json-parser.ts";
import { JsonError, parseJson } from "../syntax/json-parser.ts";
import type { Value } from "../values/value.ts";
import { boolValue, nullValue, numberValue, objectValue, stringValue, tupleValue } from "../values/value.ts";
import { weightOf } from "../values/weight.ts";
import { csvFunctions } from "./csv.ts";
import { define } from "./define.ts";
import { toJsonText } from "./json-text.ts";
import { yamlFunctions } from "./yaml.ts";

export const encodingFunctions = {
  ...csvFunctions,
  ...yamlFunctions,
  base64decode: define({ str: "text" }, ({ str }) => stringValue(decodeBase64(str))),
  base64encode: define({ str: "text" }, ({ str }) => stringValue(Buffer.from(str).toString("base64"))),
  jsondecode: define({ str: "text" }, ({ str }, budget) => {
    budget.spend(str.length / 2);
    return decodeJson(str);
  }),
  jsonencode: define({ val: "nullable" }, ({ val }, budget) => {
    budget.spend(weightOf(val));
    return stringValue(toJsonText(val));
  }),
  urlencode: define({ str: "text" }, ({ str }) => stringValue(encodeUrl(str))),
};

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeBase64(text: string): string {
  const plain = text.replaceAll(/[\r\n]/g, "");
  if (!base64.test(plain)) throw new FunctionError("failed to decode base64 data: it is not valid base64");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(plain, "base64"));
  } catch {
    throw new FunctionError("the result of decoding the provided string is not valid UTF-8");
  }
}

function decodeJson(text: string): Value {
  try {
    return decoded(parseJson(text));
  } catch (error) {
    if (error instanceof JsonError)
      throw new FunctionError(
        `invalid JSON at character ${error.span.start + 1}: ${error.message.replace(/\.$/, "")}`,
        0,
      );
    throw error;
  }
}

function decoded(node: JsonNode): Value {
  switch (node.kind) {
    case "object":
      return objectValue(
        node.members.map(({ name, value }) => [stringValue(name.text).text, decoded(value)] as const),
      );
    case "array":
      return tupleValue(node.items.map(decoded));
    case "string":
      return stringValue(node.text);
    case "number":
      return numberValue(node.number);
    case "constant":
      return node.value === null ? nullValue : boolValue(node.value);
  }
}

/** As in the query of an address: a space becomes a plus. */
function encodeUrl(text: string): string {
  if (!text.isWellFormed()) throw new FunctionError("the text is not well-formed Unicode");
  return encodeURIComponent(text)
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
