import { hash } from "node:crypto";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";

/** The types of resource that a proxy asks for, by their short names. */
export const TYPE_URL = {
  secret: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
  cluster: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
  endpoints: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
  extension: "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
  listener: "type.googleapis.com/envoy.config.listener.v3.Listener",
  route: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
} as const;

export type ResourceKind = keyof typeof TYPE_URL;

/**
 * A resource as it travels: encoded once, whoever it is sent to. `version` is a hash of its content, so that
 * equal content is never sent twice, whichever server computed it.
 */
export interface Resource {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly version: string;
  /** An encoded `google.protobuf.Any`: what a state-of-the-world response carries. */
  readonly any: Uint8Array;
  /** An encoded `envoy.service.discovery.v3.Resource`: what a delta response carries. */
  readonly wrapped: Uint8Array;
}

export function resource<Desc extends DescMessage>(
  kind: ResourceKind,
  name: string,
  schema: Desc,
  message: MessageInitShape<Desc>,
): Resource {
  const packed = pack(schema, message);
  const version = hash("sha1", packed.value).slice(0, 16);
  const key = `${kind}/${name}/${version}`;
  const same = made.get(key)?.deref();
  if (same !== undefined) return same;
  const fresh = { kind, name, version, ...encoded(name, version, toBinary(AnySchema, packed)) };
  made.set(key, new WeakRef(fresh));
  forgotten.register(fresh, key);
  return fresh;
}

/** Equal resources are one object, so that proxies that hold the same share its bytes and are compared at once. */
const made = new Map<string, WeakRef<Resource>>();
const forgotten = new FinalizationRegistry((key: string) => {
  if (made.get(key)?.deref() === undefined) made.delete(key);
});

/** By the field numbers of `envoy.service.discovery.v3.Resource`; the `Any` is a part of it, and is kept once. */
function encoded(name: string, version: string, any: Uint8Array): Pick<Resource, "any" | "wrapped"> {
  const start = new BinaryWriter();
  start.tag(1, WireType.LengthDelimited).string(version);
  start.tag(2, WireType.LengthDelimited).uint32(any.length);
  const before = start.finish();
  const after = new BinaryWriter().tag(3, WireType.LengthDelimited).string(name).finish();
  const wrapped = Buffer.allocUnsafeSlow(before.length + any.length + after.length);
  wrapped.set(before);
  wrapped.set(any, before.length);
  wrapped.set(after, before.length + any.length);
  return { wrapped, any: wrapped.subarray(before.length, before.length + any.length) };
}

/** Wraps a message in the `Any` that Envoy's `typed_config` fields take. */
export function pack<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>): Any {
  return create(AnySchema, {
    typeUrl: `type.googleapis.com/${schema.typeName}`,
    value: toBinary(schema, create(schema, message)),
  });
}

export const sameResource = (before: Resource | null, after: Resource | null) =>
  before?.name === after?.name && before?.version === after?.version;

export const sameResources = (before: readonly Resource[], after: readonly Resource[]) =>
  before.length === after.length && before.every((one, index) => sameResource(one, after[index] ?? null));
