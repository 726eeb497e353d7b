import type { Budget } from "../evaluate/budget.ts";
import { FunctionError } from "../evaluate/function.ts";
import { objectOf, stringType } from "../values/type.ts";
import { listValue, objectValue, stringValue } from "../values/value.ts";
import { define } from "./define.ts";

export const csvFunctions = {
  csvdecode: define({ str: "text" }, ({ str }, budget) => {
    const [header, ...rows] = parseRows(str, budget);
    if (header === undefined) throw new FunctionError("missing header line");
    const twice = header.find((name, index) => header.indexOf(name) < index);
    if (twice !== undefined) throw new FunctionError(`duplicate column name ${JSON.stringify(twice)}`);
    const objects = rows.map((row, line) => {
      if (row.length !== header.length)
        throw new FunctionError(
          `record ${line + 2} has ${row.length} fields, but there are ${header.length} columns`,
        );
      return objectValue(
        row.map((field, column) => [stringValue(header[column] ?? "").text, stringValue(field)] as const),
      );
    });
    return listValue(objectOf(new Map(header.map((name) => [name, stringType]))), objects);
  }),
};

const quotedField = /"((?:[^"]|"")*)"(,|\r?\n|$)/y;
const plainField = /([^",\r\n]*)(,|\r?\n|$)/y;

/** Records of RFC 4180; empty lines are left out. */
function parseRows(text: string, budget: Budget): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < text.length; ) {
    const field = text[at] === '"' ? quotedField : plainField;
    field.lastIndex = at;
    const match = field.exec(text);
    if (match === null)
      throw new FunctionError(
        `record ${rows.length + 1} has a quote where none is allowed: a field with quotes is enclosed in quotes, and they are doubled in it`,
      );
    budget.spend(1);
    at = field.lastIndex;
    row.push((match[1] ?? "").replaceAll('""', '"'));
    const endsRow = match[2] !== ",";
    if (!endsRow && at === text.length) row.push("");
    if (endsRow || at === text.length) {
      const isEmptyLine = row.length === 1 && match[0].trim() === "";
      if (!isEmptyLine) rows.push(row);
      row = [];
    }
  }
  return rows;
}
