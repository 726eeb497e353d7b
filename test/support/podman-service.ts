import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DaemonProgram, lacks } from "./docker-daemon.ts";

const PODMAN = "/usr/bin/podman";

/** Podman's service, with runc: crun does not run where control groups of version 1 are beside those of version 2. */
export const podman: DaemonProgram = {
  path: PODMAN,
  words: (folder, socketPath) => [
    ...storage(folder),
    "system",
    "service",
    "--time=0",
    `unix://${socketPath}`,
  ],
  // It leaves the archives of images that it is given in the folder for temporary files.
  // Podman's own default of limits is more than a root without CAP_SYS_RESOURCE may have.
  environment: (folder) => {
    const CONTAINERS_CONF = join(folder, "containers.conf");
    writeFileSync(CONTAINERS_CONF, "[containers]\ndefault_ulimits = []\n");
    return { CONTAINERS_CONF, TMPDIR: folder };
  },
  clear: (folder) => {
    execFileSync(PODMAN, [...storage(folder), "rm", "--all", "--force", "--time=0"], { stdio: "ignore" });
    for (const pid of processesOf(folder)) process.kill(pid, "SIGKILL");
    // A mount onto itself that Podman may leave.
    spawnSync("umount", [join(folder, "data/overlay")], { stdio: "ignore" });
  },
};

/** Why Podman cannot run here; false when it can. */
export const withoutPodman = lacks(podman, "podman, runc");

function storage(folder: string): string[] {
  return [
    ...["--root", join(folder, "data"), "--runroot", join(folder, "run"), "--tmpdir", join(folder, "tmp")],
    ...["--cgroup-manager=cgroupfs", "--events-backend=file", "--runtime=runc"],
  ];
}

/** The monitors of commands in containers stay for some minutes. */
function processesOf(folder: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => commandLine(pid).includes(`${folder}/`)).map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
