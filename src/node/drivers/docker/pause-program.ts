/**
 * The smallest program that waits for ever, as an ELF file (elf(5)): a header, one segment that is loaded, and
 * the code. It is the first process of a container that only holds a network.
 */
export function pauseProgram(architecture: string): Buffer {
  const target = TARGETS[architecture];
  if (target === undefined)
    throw new Error(`no network holder is known for the architecture ${architecture}`);
  const code = Buffer.from(target.code, "hex");
  const size = HEADER + SEGMENT + code.length;
  const file = Buffer.alloc(size);
  file.write("7f454c46020101", 0, "hex");
  file.writeUInt16LE(2, 16); // an executable
  file.writeUInt16LE(target.machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BASE + BigInt(HEADER + SEGMENT), 24);
  file.writeBigUInt64LE(BigInt(HEADER), 32);
  file.writeUInt16LE(HEADER, 52);
  file.writeUInt16LE(SEGMENT, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, HEADER); // to be loaded
  file.writeUInt32LE(5, HEADER + 4); // to be read and run
  file.writeBigUInt64LE(BASE, HEADER + 16);
  file.writeBigUInt64LE(BASE, HEADER + 24);
  file.writeBigUInt64LE(BigInt(size), HEADER + 32);
  file.writeBigUInt64LE(BigInt(size), HEADER + 40);
  file.writeBigUInt64LE(0x1000n, HEADER + 48);
  code.copy(file, HEADER + SEGMENT);
  return file;
}

const HEADER = 64;
const SEGMENT = 56;
const BASE = 0x400000n;

const TARGETS: Readonly<Record<string, { readonly machine: number; readonly code: string }>> = {
  // loop: mov eax, 34 (pause); syscall; jmp loop
  x64: { machine: 62, code: "b8220000000f05ebf7" },
  // loop: mov x0-x3, 0; mov x8, 73 (ppoll); svc 0; b loop
  arm64: { machine: 183, code: "000080d2010080d2020080d2030080d2280980d2010000d4faffff17" },
};
