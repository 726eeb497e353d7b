import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import type { AddressSchema } from "#envoy/config/core/v3/address_pb.js";
import { ApiVersion, type ConfigSourceSchema } from "#envoy/config/core/v3/config_source_pb.js";

/** "Ask on the stream that brought this." Without a limit on the first answer, a proxy waits for it. */
export const fromAds = fromAdsWithin(null);

/** The same, waiting no longer than so many milliseconds; null for no limit. */
export function fromAdsWithin(timeout: number | null): MessageInitShape<typeof ConfigSourceSchema> {
  return {
    configSourceSpecifier: { case: "ads", value: {} },
    resourceApiVersion: ApiVersion.V3,
    initialFetchTimeout: milliseconds(timeout ?? 0),
  };
}

export function seconds(value: number): Pick<Duration, "seconds" | "nanos"> {
  return nanoseconds(Math.round(value * 1e9));
}

export function milliseconds(value: number): Pick<Duration, "seconds" | "nanos"> {
  return nanoseconds(value * 1e6);
}

/** Config entries have their durations in nanoseconds. */
export function nanoseconds(value: number): Pick<Duration, "seconds" | "nanos"> {
  return { seconds: BigInt(Math.floor(value / 1e9)), nanos: value % 1e9 };
}

export function socketAddress(address: string, port: number): MessageInitShape<typeof AddressSchema> {
  return {
    address: {
      case: "socketAddress",
      value: { address, portSpecifier: { case: "portValue", value: port } },
    },
  };
}

/** A socket in the file system. `mode`: the permissions of one that is made; 0 leaves them to the process. */
export function pipeAddress(path: string, mode: number = 0): MessageInitShape<typeof AddressSchema> {
  return { address: { case: "pipe", value: { path, mode } } };
}

/** A range of addresses, as `address/length`, or one address. */
export function addressRange(text: string) {
  const [addressPrefix = "", length = addressPrefix.includes(":") ? 128 : 32] = text.split("/");
  return { addressPrefix, prefixLen: Number(length) };
}
