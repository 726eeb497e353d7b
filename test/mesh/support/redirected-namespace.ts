import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Whoever has this group is the proxy: its own connections are not redirected to it. */
export const PROXY_GROUP = 19101;

/**
 * A network namespace joined with the host, in which every outbound TCP connection is redirected to a proxy's
 * port 15001, as `consul connect redirect-traffic` does it.
 */
export class RedirectedNamespace implements AsyncDisposable {
  readonly name: string;
  readonly #subnet: string;

  private constructor(name: string, subnet: string) {
    this.name = name;
    this.#subnet = subnet;
  }

  /** The first address is the namespace's own, those up to the ninth are the host's. */
  address(host: number): string {
    return `${this.#subnet}.${10 + host}`;
  }

  static async make(): Promise<RedirectedNamespace> {
    const number = process.pid % 16384;
    const subnet = `10.${200 + ((number >> 8) % 50)}.${number & 255}`;
    const namespace = new RedirectedNamespace(`yurt-tp-${number}`, subnet);
    const [outside, inside] = [`ytp${number}`, `ytn${number}`];
    const ip = (...words: string[]) => run("ip", words);
    await ip("netns", "add", namespace.name);
    await ip("link", "add", outside, "type", "veth", "peer", "name", inside);
    await ip("link", "set", inside, "netns", namespace.name);
    await ip("addr", "add", `${subnet}.1/24`, "dev", outside);
    for (let host = 2; host < 10; host++) {
      await ip("addr", "add", `${namespace.address(host)}/24`, "dev", outside);
    }
    await ip("link", "set", outside, "up");
    const within = (...words: string[]) => ip("-n", namespace.name, ...words);
    await within("link", "set", "lo", "up");
    await within("addr", "add", `${namespace.address(1)}/24`, "dev", inside);
    await within("link", "set", inside, "up");
    await within("route", "add", "default", "via", `${subnet}.1`);
    await run("ip", ["netns", "exec", namespace.name, "nft", RULES]);
    return namespace;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("ip", ["netns", "delete", this.name]);
  }
}

const RULES = `
  table ip to_proxy {
    chain output {
      type nat hook output priority -100; policy accept;
      meta skgid ${PROXY_GROUP} return
      ip daddr 127.0.0.0/8 return
      meta l4proto tcp redirect to :15001
    }
  }`;
