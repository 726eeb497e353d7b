import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

const BUSYBOX = "/bin/busybox";

/** A registry of images (OCI distribution 1.1) with one image, for those who give the right user and password. */
export class TestRegistry implements AsyncDisposable {
  /** What those who asked have given, such as `user:password`; empty for nothing. */
  readonly given: string[] = [];
  readonly #server: Server;
  readonly #blobs = new Map<string, Buffer>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `secret`: `user:password`. */
  static async start(secret: string): Promise<TestRegistry> {
    const server = createServer();
    const registry = new TestRegistry(server);
    const manifest = registry.#makeImage();
    server.on("request", (request, response) => {
      const [, basic = ""] = /^Basic (\S+)$/.exec(request.headers.authorization ?? "") ?? [];
      const given = Buffer.from(basic, "base64").toString();
      registry.given.push(given);
      const path = request.url ?? "";
      if (given !== secret) {
        response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
      } else if (path === "/v2/") {
        response.end("{}");
      } else if (path.includes("/manifests/")) {
        const type = { "content-type": MANIFEST, "docker-content-digest": digestOf(manifest) };
        response
          .writeHead(200, { ...type, "content-length": manifest.length })
          .end(request.method === "HEAD" ? "" : manifest);
      } else {
        const blob = registry.#blobs.get(path.split("/").at(-1) ?? "");
        response.writeHead(blob ? 200 : 404, { "content-length": blob?.length ?? 0 }).end(blob);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  /** Daemons speak plain HTTP with registries on loopback. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #makeImage(): Buffer {
    const tar = execFileSync(
      "tar",
      ["-c", "--transform", "s,.*busybox,bin/sh,", "-C", "/", BUSYBOX.slice(1)],
      {
        maxBuffer: 1 << 24,
      },
    );
    const config = JSON.stringify({
      ...{ architecture: process.arch === "arm64" ? "arm64" : "amd64", os: "linux" },
      config: { Cmd: ["/bin/sh"] },
      rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
      // No two of a test are the same image.
      history: [{ created_by: `test ${process.pid} ${process.hrtime.bigint()}` }],
    });
    const manifest = {
      ...{ schemaVersion: 2, mediaType: MANIFEST },
      config: this.#blob("application/vnd.docker.container.image.v1+json", Buffer.from(config)),
      layers: [this.#blob("application/vnd.docker.image.rootfs.diff.tar.gzip", gzipSync(tar))],
    };
    return Buffer.from(JSON.stringify(manifest));
  }

  #blob(mediaType: string, blob: Buffer) {
    const digest = digestOf(blob);
    this.#blobs.set(digest, blob);
    return { mediaType, size: blob.length, digest };
  }
}

const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

function digestOf(blob: Buffer): string {
  return `sha256:${createHash("sha256").update(blob).digest("hex")}`;
}
