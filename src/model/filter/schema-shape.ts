import type { Schema } from "../schema/schema.ts";
import type { Shape } from "./shape.ts";

/** What canonical values of a schema look like to a filter; durations are nanoseconds. */
export function shapeOf(schema: Schema): Shape {
  switch (schema.kind) {
    case "string":
      return "text";
    case "integer":
    case "number":
    case "duration":
      return "number";
    case "boolean":
      return "boolean";
    case "list":
      return { list: shapeOf(schema.items) };
    case "map":
      return { map: shapeOf(schema.values) };
    case "object":
      return {
        fields: Object.fromEntries(
          Object.entries(schema.fields).map(([name, field]) => [name, shapeOf(field)]),
        ),
      };
    case "opaque":
      return { map: "text" };
  }
}
