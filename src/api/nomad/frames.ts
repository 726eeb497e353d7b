const FRAME = 64 * 1024;

/** Nomad's framing of a stream of bytes: JSON objects, the bytes in base64, each with its file and offset. */
export async function* frames(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<string> {
  let offset = 0;
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += FRAME) {
      const part = chunk.subarray(start, start + FRAME);
      offset += part.length;
      yield `${JSON.stringify({ Data: Buffer.from(part).toString("base64"), File: file, Offset: offset })}\n`;
    }
  }
}
