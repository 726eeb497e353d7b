import { ApiError } from "../api-client.ts";
import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { properties } from "../table.ts";

interface KeyView {
  readonly Key: string;
  readonly Value: string | null;
  readonly Flags: number;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

export default command({
  usage: "<key or prefix>",
  help: "Shows the value of a key, or of every key that begins so.",
  flags: {
    ...consulFlags,
    detailed: { kind: "boolean", doc: "With flags and indexes." },
    recurse: { kind: "boolean", doc: "Every key that begins so." },
    keys: { kind: "boolean", doc: "Only the names of the keys below the prefix." },
  },
  arity: [0, 1],
  async run({ flags, arguments: [key = ""], terminal, signal }) {
    const api = consulApi(flags);
    const path = `/v1/kv/${key}`;
    if (flags.keys) {
      terminal.print(...(await api.get<string[]>(path, { query: { keys: true, separator: "/" }, signal })));
      return 0;
    }
    const found = await api
      .get<KeyView[]>(path, { query: { recurse: flags.recurse || undefined }, signal })
      .catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404)
          throw new CommandError(`Error! No key exists at: ${key}`);
        throw error;
      });
    for (const entry of found) terminal.print(...lines(entry, flags));
    return 0;
  },
});

function lines(
  { Key, Value, Flags, CreateIndex, ModifyIndex }: KeyView,
  { detailed, recurse }: { readonly detailed: boolean; readonly recurse: boolean },
): string[] {
  const text = Buffer.from(Value ?? "", "base64").toString("utf8");
  if (!detailed) return [recurse ? `${Key}:${text}` : text];
  return properties([
    ["CreateIndex", String(CreateIndex)],
    ["Flags", String(Flags)],
    ["Key", Key],
    ["ModifyIndex", String(ModifyIndex)],
    ["Value", text],
  ]);
}
