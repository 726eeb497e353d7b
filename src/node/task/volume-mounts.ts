import type { TaskGroup } from "#model/job/group.ts";
import type { Task } from "#model/job/task.ts";
import type { HostVolume } from "#model/node.ts";
import { type Mount, StartError } from "../drivers/driver.ts";
import { interpolate, type References } from "../environment/interpolation.ts";
import type { NodeContext } from "../node-context.ts";
import type { AssignedAllocation } from "../server-link.ts";

export interface MountParts {
  readonly context: NodeContext;
  readonly allocation: AssignedAllocation;
  readonly group: TaskGroup;
  readonly task: Task;
}

const PROPAGATION = { private: null, "host-to-task": "rslave", bidirectional: "rshared" } as const;

/** The volumes of the node that a task mounts. Throws an error that names the mount and what is wrong with it. */
export function volumeMounts(
  { context, allocation, group, task }: MountParts,
  references: References,
): Mount[] {
  return task.VolumeMounts.map((mount) => {
    const request = group.Volumes[mount.Volume];
    if (request === undefined) {
      const known = Object.keys(group.Volumes).join(", ") || "none";
      throw new Error(`volume_mount: the group has no volume "${mount.Volume}" (it has ${known})`);
    }
    if (request.Type !== "host")
      throw new Error(
        `the volume "${mount.Volume}" is of type "${request.Type}": this node has host volumes only`,
      );
    const index = /\[\d+\]$/.exec(allocation.Name)?.[0] ?? "[0]";
    const name = request.PerAlloc ? `${request.Source}${index}` : request.Source;
    const volume = context.node.HostVolumes[name];
    if (volume === undefined) throw new Error(missing(name, context.node.HostVolumes));
    if (volume.ReadOnly && !request.ReadOnly)
      throw new Error(
        `the host volume "${name}" is read-only on this node: write read_only = true in the volume`,
      );
    return {
      source: volume.Path,
      destination: destinationOf(interpolate(mount.Destination, references), mount.Volume),
      readOnly: volume.ReadOnly || request.ReadOnly || mount.ReadOnly,
      propagation: PROPAGATION[mount.PropagationMode],
    };
  });
}

function missing(name: string, known: Readonly<Record<string, HostVolume>>): string {
  const names = Object.keys(known).join(", ") || "none";
  return `this node has no host volume "${name}" (it has ${names}): its agent gives it by -host-volume ${name}=<path>`;
}

function destinationOf(path: string, volume: string): string {
  if (path !== "") return path.startsWith("/") ? path : `/${path}`;
  throw new StartError(
    `volume_mount: "destination" is missing: say where the task sees the volume "${volume}"`,
  );
}
