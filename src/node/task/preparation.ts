import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fetchArtifact } from "../artifacts/fetch-artifact.ts";
import { StartError } from "../drivers/driver.ts";
import { containedPath } from "../host/contained-path.ts";
import type { TaskTemplates, TemplateContext } from "../templates/task-templates.ts";
import type { TaskFiles } from "../templates/template-files.ts";
import type { LaunchParts } from "./launch.ts";
import type { TaskIdentities } from "./task-identities.ts";

export interface Preparing {
  readonly parts: LaunchParts;
  readonly templates: TaskTemplates;
  readonly identities: TaskIdentities;
  readonly downloading: () => void;
  /** Told what the templates wait for. */
  readonly waiting: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Brings into a task's folder what it needs before it starts: the payload that its job was dispatched with,
 * artifacts, identities, templates. Gives the variables of the last two for its environment; null when `signal` aborted first.
 */
export async function prepare(
  { parts, templates, identities, downloading, waiting, signal }: Preparing,
  context: TemplateContext,
): Promise<Record<string, string> | null> {
  await writePayload(parts, context.files);
  await fetchArtifacts(parts, context.files, downloading, signal);
  const isOpen = parts.driver.users === "own";
  const failed = () => waiting("Missing: a signed identity, which the servers do not give");
  const tokens = await identities.write(context.files, isOpen, failed, signal);
  if (tokens === null || signal.aborted) return null;
  const variables = await templates.write(context, waiting, signal);
  return variables && { ...tokens, ...variables };
}

async function writePayload({ allocation, task }: LaunchParts, files: TaskFiles): Promise<void> {
  const { Payload } = allocation.Job;
  if (task.DispatchPayload === null || !Payload) return;
  const path = containedPath(files.folder.local, task.DispatchPayload.File);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, Buffer.from(Payload, "base64"), { mode: 0o644 });
}

/** Once in the life of an allocation: what was fetched is there after a restart of the task. */
async function fetchArtifacts(
  { task, home }: LaunchParts,
  files: TaskFiles,
  downloading: () => void,
  signal: AbortSignal,
): Promise<void> {
  if (task.Artifacts.length === 0) return;
  const name = `artifacts of ${task.Name}`;
  const digest = createHash("sha256").update(JSON.stringify(task.Artifacts)).digest("hex");
  if (home.records.read<string>(name) === digest) return;
  downloading();
  try {
    for (const artifact of task.Artifacts) await fetchArtifact(artifact, files, signal);
  } catch (error) {
    if (signal.aborted) return;
    // A server that is away may come back: the restart policy says how often that is hoped for.
    throw new StartError(error instanceof Error ? error.message : String(error), { isPassing: true });
  }
  home.records.write(name, digest);
}
