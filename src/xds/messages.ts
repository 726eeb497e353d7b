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
  const writer = new BinaryWriter();
  for (const { wrapped } of resources) writer.tag(2, WireType.LengthDelimited).bytes(wrapped);
  writer.tag(4, WireType.LengthDelimited).string(TYPE_URL[kind]);
  writer.tag(5, WireType.LengthDelimited).string(nonce);
  for (const name of removed) writer.tag(6, WireType.LengthDelimited).string(name);
  return bufferOf(writer);
}

export function encodeSotwResponse({ kind, nonce, version, resources }: SotwResponse): Buffer {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).string(version);
  for (const { any } of resources) writer.tag(2, WireType.LengthDelimited).bytes(any);
  writer.tag(4, WireType.LengthDelimited).string(TYPE_URL[kind]);
  writer.tag(5, WireType.LengthDelimited).string(nonce);
  return bufferOf(writer);
}

function bufferOf(writer: BinaryWriter): Buffer {
  const bytes = writer.finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
