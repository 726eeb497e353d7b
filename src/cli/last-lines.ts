/** The last so many lines of some bytes. */
export function lastLines(bytes: Buffer, count: number): Buffer {
  let end = bytes.length;
  if (bytes[end - 1] === 10) end -= 1;
  for (let left = count; left > 0; left--) {
    end = bytes.lastIndexOf(10, end - 1);
    if (end < 0) return bytes;
  }
  return bytes.subarray(end + 1);
}
