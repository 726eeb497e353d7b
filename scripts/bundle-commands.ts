/**
 * Makes the bundles of all commands (src/cli/bundle) of the checkout that it is called for, unless they are fresh:
 * `node scripts/bundle-commands.ts [ROOT]`.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { ENDINGS, FOLDER, isFresh, LAUNCHER, type Sources, type Stamp, stampOf } from "#cli/bundle/bundle.ts";
import { commands, fileOf } from "#cli/commands.ts";

const root = resolve(process.argv[2] ?? join(import.meta.dirname, ".."));
/** An agent runs long, with most of the sources, and is always started from them. */
const bundled = Object.keys(commands)
  .filter((name) => name !== "agent")
  .map(fileOf);
/** As they were before they were read. */
const stamps = new Map<string, Stamp>();

/** Beside their place at first, and moved there when they are whole. */
async function makeBundles(): Promise<void> {
  const folder = join(root, FOLDER);
  const made = `${folder}.${process.pid}`;
  mkdirSync(made, { recursive: true });
  try {
    await write(made);
    execFileSync(process.execPath, [join(import.meta.dirname, "compile-commands.ts"), made], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    rmSync(folder, { recursive: true, force: true });
    renameSync(made, folder);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

async function write(folder: string): Promise<void> {
  const options = {
    absWorkingDir: root,
    outExtension: { ".js": ENDINGS.code },
    outdir: folder,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "esnext",
    packages: "external",
    plugins: [bundles, ownPlace],
    metafile: true,
    logLevel: "error",
  } as const satisfies BuildOptions;
  const launcher = await build({ ...options, entryPoints: { [LAUNCHER]: "src/cli/bundle/start.ts" } });
  const { metafile } = await build({
    ...options,
    entryPoints: Object.fromEntries(bundled.map((name) => [name, `command:${name}`])),
  });
  const shared = [
    "package.json",
    relative(root, import.meta.filename),
    ...Object.keys(launcher.metafile.inputs),
  ];
  for (const name of bundled) {
    const paths = [...new Set([...shared, ...reached(metafile, `command:${name}`)])];
    const sources: Sources = Object.fromEntries(paths.map((path) => [path, stampOfSource(path)]));
    writeFileSync(join(folder, name + ENDINGS.sources), JSON.stringify(sources));
  }
}

/** The files that one file leads to. */
function reached({ inputs }: Metafile, entry: string): Set<string> {
  const found = new Set<string>();
  const visit = (path: string): void => {
    for (const { path: next, external } of inputs[path]?.imports ?? []) {
      if (external === true || found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(entry);
  return found;
}

function stampOfSource(path: string): Stamp {
  const stamp = stamps.get(path) ?? stampOf(join(root, path));
  if (stamp === null) throw new Error(`${path} is gone`);
  return stamp;
}

/** The whole program, but with one command instead of all. */
const bundles: Plugin = {
  name: "bundles",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^command:/ }, ({ path }) => ({
      path: path.slice("command:".length),
      namespace: "command",
    }));
    onLoad({ filter: /./, namespace: "command" }, ({ path }) => ({
      contents: `import { main } from "./dispatch.ts";
        import command from "./commands/${path}.ts";
        export const run = (words) => main(words, async () => command);`,
      resolveDir: join(root, "src/cli"),
    }));
  },
};

/** Each source knows where it is, within a bundle too. */
const ownPlace: Plugin = {
  name: "own-place",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const place = relative(root, path);
      stamps.set(place, stampOfSource(place));
      const url = `process.getBuiltinModule("node:url").pathToFileURL(__dirname + ${JSON.stringify(`/../../${place}`)}).href`;
      return { contents: (await readFile(path, "utf8")).replaceAll("import.meta.url", url), loader: "ts" };
    });
  },
};

if (!bundled.every((name) => isFresh(root, name))) await makeBundles();
