import type { ApiClient } from "../api-client.ts";
import { nomadApi, nomadFlags, verbose } from "../api-flags.ts";
import { command } from "../command.ts";
import { lastLines } from "../last-lines.ts";
import { resolveId } from "../resolve.ts";
import { table } from "../table.ts";

interface FileView {
  readonly Name: string;
  readonly IsDir: boolean;
  readonly Size: number;
  readonly FileMode: string;
  readonly ModTime: string;
}

export default command({
  usage: "<allocation> [path]",
  help: "Lists a folder of an allocation, or prints a file of it. Paths begin at the allocation's folder: alloc/logs, <task>/local.",
  flags: {
    ...nomadFlags,
    verbose,
    H: { kind: "boolean", doc: "Sizes in units that people read." },
    stat: { kind: "boolean", doc: "What is known of the file, in place of its content." },
    f: { kind: "boolean", doc: "Go on as the file grows, until interrupted." },
    tail: { kind: "boolean", doc: "Only the end: the last 10 lines or as -n and -c say." },
    n: { kind: "integer", value: "lines", doc: "With -tail: how many lines." },
    c: { kind: "integer", value: "bytes", doc: "With -tail: how many bytes." },
  },
  arity: [1, 2],
  async run({ flags, arguments: [name = "", path = "/"], terminal, signal }) {
    const api = nomadApi(flags);
    const id = await resolveId(api, "allocation", name, signal);
    const info = await api.get<FileView>(`/v1/client/fs/stat/${id}`, { query: { path }, signal });
    if (flags.stat) terminal.print(...listing([info], flags.H));
    else if (!info.IsDir) await print(api, id, path, flags, signal);
    else {
      const files = await api.get<FileView[]>(`/v1/client/fs/ls/${id}`, { query: { path }, signal });
      terminal.print(...listing(files, flags.H));
    }
    return 0;
  },
});

interface Range {
  readonly f: boolean;
  readonly tail: boolean;
  readonly n: number | undefined;
  readonly c: number | undefined;
}

async function print(
  api: ApiClient,
  id: string,
  path: string,
  range: Range,
  signal: AbortSignal,
): Promise<void> {
  const isTail = range.tail || range.n !== undefined || range.c !== undefined;
  const lines = range.n ?? 10;
  const end = { origin: "end", offset: range.c ?? lines * 1024 };
  const query = { path, plain: true, follow: range.f, ...(isTail ? end : {}) };
  try {
    let isFirst = isTail && range.c === undefined;
    for await (const chunk of await api.stream(`/v1/client/fs/stream/${id}`, { query, signal })) {
      const bytes: Buffer = chunk;
      process.stdout.write(isFirst ? lastLines(bytes, lines) : bytes);
      isFirst = false;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function listing(files: readonly FileView[], isForPeople: boolean): string[] {
  const rows = [...files]
    .sort((a, b) => (a.Name < b.Name ? -1 : 1))
    .map(({ FileMode, Size, ModTime, Name, IsDir }) => [
      FileMode,
      isForPeople ? readable(Size) : String(Size),
      ModTime,
      IsDir ? `${Name}/` : Name,
    ]);
  return table(["Mode", "Size", "Modified Time", "Name"], rows);
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

function readable(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const amount = bytes / 1024 ** power;
  return `${power === 0 ? amount : amount.toFixed(1)} ${UNITS[power]}`;
}
