/**
 * A WebAssembly module that adds a header to each request, in the binary form of the specification and with the
 * functions of Proxy-Wasm's ABI 0.2.1.
 */
export function headerModule(name: string, value: string): Buffer {
  const i32 = 0x7f;
  const type = (parameters: number, results: number) =>
    Buffer.from([0x60, parameters, ...Array(parameters).fill(i32), results, ...Array(results).fill(i32)]);
  const types = [type(5, 1), type(0, 0), type(1, 1), type(2, 0), type(2, 1), type(3, 1)];
  const addHeader = [REQUEST_HEADERS, DATA, name.length, DATA + name.length, value.length].flatMap(constant);
  const functions = [
    { name: "proxy_abi_version_0_2_1", type: 1, code: [] },
    // Room for what the host hands over, one thing at a time.
    { name: "proxy_on_memory_allocate", type: 2, code: constant(8192) },
    { name: "proxy_on_context_create", type: 3, code: [] },
    { name: "proxy_on_vm_start", type: 4, code: constant(1) },
    { name: "proxy_on_configure", type: 4, code: constant(1) },
    { name: "proxy_on_request_headers", type: 5, code: [...addHeader, CALL, 0, DROP, ...constant(0)] },
  ];
  const imported = Buffer.concat([text("env"), text("proxy_add_header_map_value"), Buffer.from([0, 0])]);
  const exported = functions.map((one, i) => Buffer.concat([text(one.name), Buffer.from([0, i + 1])]));
  const memory = Buffer.concat([text("memory"), Buffer.from([2, 0])]);
  const bodies = functions.map(({ code }) => sized(Buffer.from([0, ...code, END])));
  const content = Buffer.from(name + value);
  const data = Buffer.concat([Buffer.from([0, ...constant(DATA), END]), unsigned(content.length), content]);
  return Buffer.concat([
    Buffer.from("\0asm\x01\0\0\0", "latin1"),
    section(1, vector(types)),
    section(2, vector([imported])),
    section(3, vector(functions.map((one) => Buffer.from([one.type])))),
    section(5, vector([Buffer.from([0, 1])])),
    section(7, vector([memory, ...exported])),
    section(10, vector(bodies)),
    section(11, vector([data])),
  ]);
}

const REQUEST_HEADERS = 0;
const DATA = 1024;
const [CALL, DROP, END, CONSTANT] = [0x10, 0x1a, 0x0b, 0x41];

function constant(value: number): number[] {
  return [CONSTANT, ...signed(value)];
}

/** LEB128, of numbers that are not negative. */
function unsigned(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 63; rest >>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}

const sized = (bytes: Buffer) => Buffer.concat([unsigned(bytes.length), bytes]);
const text = (content: string) => sized(Buffer.from(content));
const vector = (items: readonly Buffer[]) => Buffer.concat([unsigned(items.length), ...items]);
const section = (id: number, content: Buffer) => Buffer.concat([Buffer.from([id]), sized(content)]);
