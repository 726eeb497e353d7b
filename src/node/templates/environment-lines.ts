/** Lines `NAME=value`; empty lines and those that begin with `#` are left out, quotes round a value taken off. */
export function readVariables(text: string, template: string): Record<string, string> {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = "", value = ""] = /^(?:export\s+)?([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? [];
      if (name === "") throw new Error(`template "${template}": "${line}" is not of the form NAME=value`);
      return [name, unquoted(value)];
    }),
  );
}

function unquoted(value: string): string {
  const [, quote, inner] = /^(["'])(.*)\1$/s.exec(value) ?? [];
  if (inner === undefined) return value;
  return quote === '"' ? inner.replaceAll("\\n", "\n").replaceAll('\\"', '"') : inner;
}
