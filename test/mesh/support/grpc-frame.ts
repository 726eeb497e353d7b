/** One message as gRPC frames it: not compressed, its length before it. */
export function frame(message: string | Buffer): Buffer {
  const body = Buffer.from(message);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

export function unframe(bytes: Buffer): Buffer {
  return bytes.subarray(5);
}
