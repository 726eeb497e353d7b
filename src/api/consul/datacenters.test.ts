import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Federation } from "#server/datacenters/federation.ts";
import type { ForwardedAnswer, ForwardedRequest } from "#server/datacenters/link.ts";
import { apiContext } from "../../../test/support/api-context.ts";
import { type ApiOnly, startApi } from "../../../test/support/api-only.ts";
import { consulServer } from "../servers.ts";

describe("requests that name a datacenter", () => {
  let api: ApiOnly;
  before(async () => {
    api = await startApi();
  });
  after(() => api[Symbol.asyncDispose]());

  /** An API in dc1 beside dc2, which is the primary and answers with what it was asked. */
  const secondary = () => {
    const asked: (ForwardedRequest & { datacenter: string })[] = [];
    const request = async (datacenter: string, sent: ForwardedRequest): Promise<ForwardedAnswer> => {
      asked.push({ ...sent, datacenter });
      const headers = { "content-type": "application/json", "x-consul-index": "7", "x-other": "1" };
      return { status: 200, headers, body: sent.body, entries: 1 };
    };
    const federation = { names: () => ["dc1", "dc2"], primary: "dc2", request } as unknown as Federation;
    return { asked, app: consulServer({ ...apiContext(api.server), federation }) };
  };

  it("are answered here where it is the own one, and nowhere where there is none of that name", async () => {
    const app = consulServer(apiContext(api.server));
    assert.equal((await app.inject("/v1/catalog/services?dc=dc1")).statusCode, 200);
    const unknown = await app.inject("/v1/catalog/services?dc=dc2");
    assert.equal(unknown.statusCode, 500);
    assert.match(unknown.body, /^No path to datacenter: there is no "dc2"; there are dc1$/);
    assert.equal((await app.inject("/v1/agent/self?dc=dc2")).statusCode, 200, "an agent is asked itself");
  });

  it("go there as they are, with the headers that matter", async () => {
    const { app, asked } = secondary();
    const answer = await app.inject({
      ...{ method: "PUT", url: "/v1/kv/a%2Fb?dc=dc2&flags=3", payload: Buffer.from([0, 255, 1]) },
      headers: { "x-consul-token": "t", cookie: "c" },
    });
    assert.deepEqual([...answer.rawPayload], [0, 255, 1]);
    assert.deepEqual([answer.headers["x-consul-index"], answer.headers["x-other"]], ["7", undefined]);
    assert.deepEqual(
      asked.map(({ url, headers, datacenter }) => ({ url, headers, datacenter })),
      [{ url: "/v1/kv/a%2Fb?dc=dc2&flags=3", headers: { "x-consul-token": "t" }, datacenter: "dc2" }],
    );
  });

  it("of what holds everywhere are written in the primary one, but not by the indexes of another", async () => {
    const { app, asked } = secondary();
    const entry = { Kind: "service-defaults", Name: "web", Protocol: "http" };
    await app.inject({ method: "PUT", url: "/v1/config", payload: entry });
    await app.inject({ method: "DELETE", url: "/v1/connect/intentions/exact?source=a&destination=b" });
    await app.inject("/v1/config/service-defaults");
    assert.deepEqual(
      asked.map(({ method, url }) => `${method} ${url}`),
      ["PUT /v1/config?dc=dc2", "DELETE /v1/connect/intentions/exact?source=a&destination=b&dc=dc2"],
    );
    const conditional = await app.inject({ method: "PUT", url: "/v1/config?cas=3", payload: entry });
    assert.equal(conditional.statusCode, 400);
    assert.match(conditional.body, /primary datacenter, dc2.*dc=dc2/);
  });
});
