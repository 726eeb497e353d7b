export const protocols = ["tcp", "http", "http2", "grpc"] as const;

export type Protocol = (typeof protocols)[number];
