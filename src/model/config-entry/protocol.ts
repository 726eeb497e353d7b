export const protocols = ["tcp", "http", "http2", "grpc"] as const;

export type Protocol = (typeof protocols)[number];

/** Whether single requests can be seen: routed, split, tried again, ruled one by one. */
export function isHttpLike(protocol: Protocol): boolean {
  return protocol !== "tcp";
}
