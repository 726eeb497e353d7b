import type { Json } from "../schema/schema.ts";

/** What a text of JSON says; undefined where it is none. */
export function jsonIn(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** What is wrong with a text that should be a JSON object, or null. */
export function objectProblem(text: string): string | null {
  const json = jsonIn(text);
  return typeof json === "object" && json !== null && !Array.isArray(json)
    ? null
    : "Expected a JSON object, as text.";
}

/** The same for a list of objects. */
export function listProblem(text: string): string | null {
  const json = jsonIn(text);
  const isList = Array.isArray(json) && json.every((item) => typeof item === "object" && item !== null);
  return isList ? null : "Expected JSON objects with commas between them, as text.";
}
