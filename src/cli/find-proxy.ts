import { request } from "node:http";
import type { ApiClient } from "./api-client.ts";
import { CommandError } from "./command.ts";
import type { ProxyView } from "./views.ts";

/** The flag of commands that read a proxy's admin interface, where the agent cannot reach it. */
export const adminFlag = {
  admin: {
    kind: "text",
    value: "address:port",
    doc: "Where the proxy's admin interface is, of an Envoy that no job runs.",
  },
} as const;

/** The proxy with an id, with an id that begins so, or of a service that has only one. */
export async function findProxy(api: ApiClient, name: string, signal: AbortSignal): Promise<ProxyView> {
  const all = await api.get<ProxyView[]>("/v1/mesh/proxies", { signal });
  const exact = all.find(({ ID }) => ID === name);
  if (exact) return exact;
  const found = all.filter(({ ID, Service }) => ID.startsWith(name) || Service === name);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  throw new CommandError(
    only === undefined
      ? `there is no proxy "${name}". See: yurt mesh status`
      : `${found.length} proxies are meant by "${name}": ${found.map(({ ID }) => ID).join(", ")}`,
  );
}

/** A proxy's configuration dump: by its agent, or straight from its admin interface. */
export async function configDump(
  api: ApiClient,
  proxy: ProxyView,
  admin: string | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  if (admin !== undefined) return JSON.parse(await fromAdmin(admin, signal));
  if (proxy.AllocID !== "") {
    const path = `/v1/mesh/proxy/${encodeURIComponent(proxy.ID)}/config_dump`;
    return api.get(path, { query: { include_eds: "" }, signal });
  }
  throw new CommandError(
    `no job runs the proxy ${proxy.ID}: say where its admin interface is with -admin=<address:port>`,
  );
}

function fromAdmin(admin: string, signal: AbortSignal): Promise<string> {
  const url = URL.parse(`http://${admin}/config_dump?include_eds`);
  if (url === null) throw new CommandError(`-admin: expected address:port, not "${admin}"`);
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(new CommandError(`no admin interface answers at ${admin}: ${error.message}`));
    const sent = request(url, { signal, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(text)).on("error", fail);
    });
    sent.on("error", fail).end();
  });
}
