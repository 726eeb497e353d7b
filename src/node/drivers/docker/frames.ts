/** A piece of output: 1 of standard output, 2 of standard error. */
export interface Frame {
  readonly type: number;
  readonly data: Buffer;
}

const HEADER = 8;

/** Takes apart the stream in which the daemon mixes a container's two outputs: type, three zeros, length, bytes. */
export async function* frames(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= HEADER) {
      const end = at + HEADER + rest.readUInt32BE(at + 4);
      if (rest.length < end) break;
      yield { type: rest[at] ?? 0, data: rest.subarray(at + HEADER, end) };
      at = end;
    }
    rest = rest.subarray(at);
  }
}
