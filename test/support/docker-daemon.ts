import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Engine } from "#node/drivers/docker/engine.ts";
import { until } from "./wait.ts";

const BUSYBOX = "/bin/busybox";

/** A program that serves Docker's Engine API. */
export interface DaemonProgram {
  readonly path: string;
  /** From a folder of its own and the path of its socket. */
  readonly words: (folder: string, socketPath: string) => readonly string[];
  readonly environment?: (folder: string) => Readonly<Record<string, string>>;
  /** Ends containers that outlive the daemon. */
  readonly clear?: (folder: string) => void;
}

const dockerd: DaemonProgram = {
  path: "/usr/sbin/dockerd",
  words: (folder, socketPath) => [
    ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
    ...["--host", `unix://${socketPath}`, "--pidfile", join(folder, "pid")],
    ...["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"],
  ],
};

/** Why no daemon can run here; false when one can. */
export const withoutDocker = lacks(dockerd, "docker.io");

export function lacks({ path }: DaemonProgram, packages: string): string | false {
  const missing = [path, BUSYBOX].find((program) => !existsSync(program));
  if (missing === undefined) return false;
  return `${missing} is not installed: run scripts/setup tests, or install ${packages} and busybox-static`;
}

/** A daemon of a test: its own socket and images, and no bridge or packet rules of its own. */
export class DockerDaemon implements AsyncDisposable {
  readonly program: DaemonProgram;
  readonly folder: string;
  readonly socketPath: string;
  readonly engine: Engine;
  #process: ChildProcess | null = null;

  private constructor(program: DaemonProgram) {
    this.program = program;
    this.folder = mkdtempSync(join(tmpdir(), "yd-"));
    this.socketPath = join(this.folder, "docker.sock");
    this.engine = new Engine(this.socketPath);
  }

  static async start(program = dockerd): Promise<DockerDaemon> {
    const daemon = new DockerDaemon(program);
    await daemon.start();
    return daemon;
  }

  async start(): Promise<void> {
    const words = this.program.words(this.folder, this.socketPath);
    const env = { ...process.env, ...this.program.environment?.(this.folder) };
    this.#process = spawn(this.program.path, words, { stdio: "ignore", cwd: this.folder, env });
    await until("the daemon answers", () => this.engine.call("/version"));
  }

  /** Ends the daemon; its containers end with it. */
  async stop(): Promise<void> {
    const daemon = this.#process;
    if (daemon === null) return;
    this.#process = null;
    const ended = new Promise((resolve) => daemon.once("exit", resolve));
    daemon.kill("SIGTERM");
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.program.clear?.(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Makes an image of busybox and further files, by their paths inside; `change` is a line of a Dockerfile. */
  async importImage(
    name: string,
    files: Readonly<Record<string, string>> = {},
    change = 'CMD ["/bin/sh"]',
  ): Promise<void> {
    const root = mkdtempSync(join(this.folder, "image-"));
    for (const path of ["bin", "etc", "tmp"]) mkdirSync(join(root, path));
    copyFileSync(BUSYBOX, join(root, "bin/busybox"));
    for (const applet of APPLETS) symlinkSync("busybox", join(root, "bin", applet));
    writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\nsomebody:x:1234:1234::/:/bin/sh\n");
    writeFileSync(join(root, "etc/group"), "root:x:0:\nsomebody:x:1234:\n");
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      copyFileSync(source, join(root, path));
      chmodSync(join(root, path), 0o755);
    }
    const tar = spawn("tar", ["-C", root, "-c", "."], { stdio: ["ignore", "pipe", "inherit"] });
    const query = { fromSrc: "-", repo: name, changes: change };
    await this.engine.call("/images/create", { method: "POST", query, stream: tar.stdout });
    rmSync(root, { recursive: true });
  }

  /** An image with an Envoy, whose arguments its task gives. */
  async importEnvoy(name: string, envoy: string): Promise<void> {
    const libraries = execFileSync("ldd", [envoy], { encoding: "utf8" }).match(/\/lib\S+\.so[.\d]*/g) ?? [];
    const files = { envoy, ...Object.fromEntries(libraries.map((path) => [path, path])) };
    await this.importImage(name, files, 'ENTRYPOINT ["/envoy"]');
  }
}

const APPLETS = ["sh", "cat", "echo", "sleep", "id", "env", "nc", "wget", "tail", "touch", "hostname"];
