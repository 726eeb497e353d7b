import { readFileSync } from "node:fs";
import {
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonValue,
  type MessageShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { type Any, AnySchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type Resource, type ResourceKind, resource } from "./resource.ts";

const DESCRIPTORS = new URL("../../.setup/protos/api.binpb", import.meta.url);

let loaded: FileRegistry | undefined;

/** The whole v3 API, of which only what is common has types of its own here. Read when it is first needed. */
export function envoyApi(): FileRegistry {
  loaded ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(DESCRIPTORS)));
  return loaded;
}

/** Reads a message as Envoy's users write it in JSON; what the API does not know is an error with its place. */
export function messageFromJson<Desc extends DescMessage>(schema: Desc, json: unknown): MessageShape<Desc> {
  const whole = fullSchema(schema.typeName);
  const message = fromJson(whole, json as JsonValue, { registry: envoyApi() });
  return fromBinary(schema, toBinary(whole, message));
}

/** A message inside an `Any`, from its type's name (`envoy.extensions.filters.http.lua.v3.Lua`) and its JSON. */
export function anyFromJson(typeName: string, json: unknown): Any {
  const schema = fullSchema(typeName);
  const value = toBinary(schema, fromJson(schema, json as JsonValue, { registry: envoyApi() }));
  return { $typeName: AnySchema.typeName, typeUrl: `type.googleapis.com/${typeName}`, value };
}

/** A resource from its JSON; what Envoy's API does not know is an error with its place. */
export function resourceFromJson(
  kind: ResourceKind,
  name: string,
  typeName: string,
  json: unknown,
): Resource {
  const schema = fullSchema(typeName);
  return resource(kind, name, schema, fromJson(schema, json as JsonValue, { registry: envoyApi() }));
}

/** An encoded message as JSON, under the names that Envoy's documentation gives to fields. */
export function jsonOfMessage(typeName: string, bytes: Uint8Array): JsonValue {
  const schema = fullSchema(typeName);
  return toJson(schema, fromBinary(schema, bytes), { registry: envoyApi(), useProtoFieldName: true });
}

function fullSchema(typeName: string): DescMessage {
  const schema = envoyApi().getMessage(typeName);
  if (schema === undefined) throw new Error(`Envoy's API has no message ${typeName}`);
  return schema;
}
