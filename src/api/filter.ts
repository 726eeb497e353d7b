import type { FastifyRequest } from "fastify";
import { FilterError } from "#model/filter/filter.ts";
import { matchesFilter } from "#model/filter/matches.ts";
import { parseFilter } from "#model/filter/parse.ts";
import { checkFilter, type Shape } from "#model/filter/shape.ts";
import { badRequest } from "./http-error.ts";
import { queryOf } from "./query.ts";

/** The rows for which the request's `filter` holds; all without one. */
export function filtered<Row extends object>(
  request: FastifyRequest,
  shape: Shape,
  rows: readonly Row[],
): readonly Row[] {
  const text = queryOf(request)["filter"] ?? "";
  if (text === "") return rows;
  return rows.filter(rowFilter(text, shape));
}

/** Whether a filter, as text, holds for a row; one that cannot be read is refused in words. */
export function rowFilter(text: string, shape: Shape): (row: object) => boolean {
  try {
    const filter = parseFilter(text);
    checkFilter(filter, shape);
    return (row) => matchesFilter(filter, row);
  } catch (error) {
    if (error instanceof FilterError) throw badRequest(`Invalid filter: ${error.message}`);
    throw error;
  }
}
