import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AllocationId } from "#model/id.ts";
import { command } from "../../host/command.ts";
import type { NetworkHolder } from "../driver.ts";
import type { Engine } from "./engine.ts";
import { pauseProgram } from "./pause-program.ts";

const IMAGE = "yurt/pause:1";

interface HolderDetails {
  readonly Id: string;
  readonly State: { readonly Running: boolean; readonly Pid: number; readonly ExitCode: number };
}

/** The container that holds the network of an allocation: others can share a container's network, not a namespace. */
export function holderName(allocation: AllocationId): string {
  return `yurt-network-${allocation}`;
}

export function networkHolder(engine: Engine, labels: Readonly<Record<string, string>>): NetworkHolder {
  return {
    hold: async (allocation) => {
      const name = holderName(allocation);
      const known = await engine.find<HolderDetails>(`/containers/${name}/json`);
      if (known?.State.Running) return known.State.Pid;
      await remove(engine, name);
      await provideImage(engine);
      await engine.call("/containers/create", {
        method: "POST",
        query: { name },
        body: {
          Image: IMAGE,
          Labels: { ...labels, ...allocationLabel(allocation) },
          // No limit of processes: before the program runs, runc stands in its place, with threads that come as they like.
          HostConfig: { NetworkMode: "none", CapDrop: ["ALL"], ReadonlyRootfs: true },
        },
      });
      await engine.call(`/containers/${name}/start`, { method: "POST" });
      const { State } = await engine.call<HolderDetails>(`/containers/${name}/json`);
      if (!State.Running) {
        throw new Error(
          `the container ${name}, which holds the network of the group, ended as it began, with exit code ${State.ExitCode}`,
        );
      }
      return State.Pid;
    },
    release: (allocation) => remove(engine, holderName(allocation)),
  };
}

/** As Nomad's users know it. */
export function allocationLabel(allocation: string): Record<string, string> {
  return { "com.hashicorp.nomad.alloc_id": allocation };
}

async function remove(engine: Engine, name: string): Promise<void> {
  await engine.find(`/containers/${name}`, { method: "DELETE", query: { force: true, v: true } });
}

/** One program of 150 bytes: nothing needs to be pulled. */
async function provideImage(engine: Engine): Promise<void> {
  if ((await engine.find(`/images/${IMAGE}/json`)) !== null) return;
  const folder = await mkdtemp(join(tmpdir(), "yurt-pause-"));
  try {
    await writeFile(join(folder, "pause"), pauseProgram(process.arch), { mode: 0o755 });
    await command("tar", ["-C", folder, "-cf", join(folder, "image.tar"), "pause"]);
    await engine.call("/images/create", {
      method: "POST",
      query: { fromSrc: "-", repo: IMAGE, changes: 'ENTRYPOINT ["/pause"]' },
      stream: createReadStream(join(folder, "image.tar")),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
