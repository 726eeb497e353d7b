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

const DAEMON = "/usr/sbin/dockerd";
const BUSYBOX = "/bin/busybox";

/** Why no daemon can run here; false when one can. */
export const withoutDocker =
  existsSync(DAEMON) && existsSync(BUSYBOX)
    ? false
    : "dockerd or busybox is not installed: run scripts/setup tests, or install docker.io and busybox-static";

/** A Docker daemon of a test: its own socket and images, and no bridge or packet rules of its own. */
export class DockerDaemon implements AsyncDisposable {
  readonly folder: string;
  readonly socketPath: string;
  readonly engine: Engine;
  #process: ChildProcess | null = null;

  private constructor(folder: string) {
    this.folder = folder;
    this.socketPath = join(folder, "docker.sock");
    this.engine = new Engine(this.socketPath);
  }

  static async start(): Promise<DockerDaemon> {
    const daemon = new DockerDaemon(mkdtempSync(join(tmpdir(), "yd-")));
    await daemon.start();
    return daemon;
  }

  async start(): Promise<void> {
    const { folder, socketPath } = this;
    const words = [
      ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
      ...["--host", `unix://${socketPath}`, "--pidfile", join(folder, "pid")],
      ...["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"],
    ];
    this.#process = spawn(DAEMON, words, { stdio: "ignore" });
    await until("the daemon answers", () => this.engine.call("/version"));
  }

  /** Ends the daemon; its containers end with it. */
  async stop(): Promise<void> {
    const process = this.#process;
    if (process === null) return;
    this.#process = null;
    const ended = new Promise((resolve) => process.once("exit", resolve));
    process.kill("SIGTERM");
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
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
    const [repo, tag] = name.split(":");
    const query = { fromSrc: "-", repo, tag, changes: change };
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
