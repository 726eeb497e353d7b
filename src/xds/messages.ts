import { fromBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  type DiscoveryRequest,
  DiscoveryRequestSchema,
} from "#envoy/service/discovery/v3/discovery_pb.js";
import type { DeltaResponse } from "./delta-session.ts";
import { TYPE_URL } from "./resource.ts";
import type { SotwResponse } from "./sotw-session.ts";

/**
 * The wire form of the discovery messages. Responses are put together from resources that were encoded
 * once, by the field numbers of envoy/service/discovery/v3/discovery.proto.
 */

export function decodeDeltaRequest(bytes: Uint8Array): DeltaDiscoveryRequest {
  return fromBinary(DeltaDiscoveryRequestSchema, bytes);
}

export function decodeSotwRequest(bytes: Uint8Array): DiscoveryRequest {
  return fromBinary(DiscoveryRequestSchema, bytes);
}

export function encodeDeltaResponse({ kind, nonce, resources, removed }: DeltaResponse): Buffer {
  const rest = new BinaryWriter();
  rest.tag(4, WireType.LengthDelimited).string(TYPE_URL[kind]);
  rest.tag(5, WireType.LengthDelimited).string(nonce);
  for (const name of removed) rest.tag(6, WireType.LengthDelimited).string(name);
  return joined(
    resources.map(({ wrapped }) => wrapped),
    rest.finish(),
  );
}

export function encodeSotwResponse({ kind, nonce, version, resources }: SotwResponse): Buffer {
  const rest = new BinaryWriter();
  rest.tag(1, WireType.LengthDelimited).string(version);
  rest.tag(4, WireType.LengthDelimited).string(TYPE_URL[kind]);
  rest.tag(5, WireType.LengthDelimited).string(nonce);
  return joined(
    resources.map(({ any }) => any),
    rest.finish(),
  );
}

const RESOURCES_TAG = (2 << 3) | WireType.LengthDelimited;

/** A message of many length-delimited fields 2, each copied once, and the bytes of its other fields. */
function joined(fields: readonly Uint8Array[], rest: Uint8Array): Buffer {
  const size = fields.reduce((sum, { length }) => sum + 1 + varintSize(length) + length, rest.length);
  const buffer = Buffer.allocUnsafe(size);
  let at = 0;
  for (const field of fields) {
    buffer[at++] = RESOURCES_TAG;
    let length = field.length;
    for (; length > 127; length >>>= 7) buffer[at++] = (length & 127) | 128;
    buffer[at++] = length;
    buffer.set(field, at);
    at += field.length;
  }
  buffer.set(rest, at);
  return buffer;
}

function varintSize(value: number): number {
  return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : value < 1 << 28 ? 4 : 5;
}
