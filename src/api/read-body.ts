import { type Diagnostic, hasErrors, pathText } from "#model/diagnostic.ts";
import { canonical } from "#model/schema/canonical.ts";
import { check } from "#model/schema/check.ts";
import { decode } from "#model/schema/decode.ts";
import type { ObjectSchema, Value } from "#model/schema/schema.ts";
import { badRequest } from "./http-error.ts";

/**
 * The body of a request as its schema says, with its defaults; one that does not fit is refused in words. Clients
 * send more than is asked for, such as the region: what the schema does not name is not looked at.
 */
export function read<S extends ObjectSchema>(schema: S, body: unknown): Value<S> {
  if (body !== null && body !== undefined && (typeof body !== "object" || Array.isArray(body))) {
    throw badRequest("Request decoding failed: expected a JSON object");
  }
  const known = Object.entries(body ?? {}).filter(([key]) => Object.hasOwn(schema.fields, key));
  const { value, problems } = decode(schema, Object.fromEntries(known));
  refuse(problems);
  const whole = canonical(schema, value);
  refuse(check(schema, whole));
  return whole;
}

function refuse(problems: readonly Diagnostic[]): void {
  if (!hasErrors(problems)) return;
  const sentences = problems.map(({ path = [], summary, detail }) => {
    const place = pathText(path);
    return `${place === "" ? "" : `${place}: `}${summary}: ${detail}`;
  });
  throw badRequest(sentences.join("\n"));
}
