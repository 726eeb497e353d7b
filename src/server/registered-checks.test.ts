import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type ApiOnly, startApi } from "../../test/support/api-only.ts";
import { checkRegistration } from "#model/registration/check.ts";
import { readService } from "#model/registration/service.ts";
import { canonical } from "#model/schema/canonical.ts";
import { second } from "#model/schema/duration.ts";
import { deregisterCheck, deregisterService, registerService } from "./agent-services.ts";
import { updateChecks } from "./catalog.ts";
import { type RegisteredCheckChange, registeredChecks } from "./registered-checks.ts";

const NODE = { name: "n1", address: "10.0.0.1" };

describe("the checks that a node runs of what was registered at it", () => {
  let api: ApiOnly;
  let end: AbortController;
  beforeEach(async () => {
    api = await startApi();
    end = new AbortController();
  });
  afterEach(async () => {
    end.abort();
    await api[Symbol.asyncDispose]();
  });

  const register = async (ID: string, Interval: number, node = NODE) => {
    const Check = { ...canonical(checkRegistration, {}), TCP: "127.0.0.1:1", Interval };
    const { value } = readService({ ID, Name: ID, Port: 1, Check });
    if (value === null) throw new Error("no service");
    await registerService(api.server.state, node, value, { replaceChecks: false });
  };
  const follow = () => registeredChecks(api.server.state, NODE.name, end.signal)[Symbol.asyncIterator]();
  const told = async (changes: AsyncIterator<readonly RegisteredCheckChange[]>) =>
    ((await changes.next()).value as RegisteredCheckChange[]).map(
      ({ id, check }) => `${id} ${check === null ? "gone" : (check.Definition?.Interval ?? 0) / second}`,
    );

  it("are all of them first, and then each that changes", async () => {
    await register("a", 5 * second);
    await register("b", 6 * second);
    await register("elsewhere", 6 * second, { name: "n2", address: "10.0.0.2" });
    const changes = follow();
    assert.deepEqual(await told(changes), ["service:a 5", "service:b 6"]);
    await register("b", 7 * second);
    assert.deepEqual(await told(changes), ["service:b 7"]);
    await deregisterService(api.server.state, NODE.name, "a");
    assert.deepEqual(await told(changes), ["service:a gone"]);
  });

  it("are not told anew for a status, or for what other nodes run", async () => {
    await register("a", 5 * second);
    const changes = follow();
    await told(changes);
    const next = told(changes);
    const passing = { CheckID: "service:a", Status: "passing", Output: "" } as const;
    await updateChecks(api.server.state, NODE.name, [passing]);
    await register("elsewhere", 6 * second, { name: "n2", address: "10.0.0.2" });
    await deregisterCheck(api.server.state, NODE.name, "service:a");
    assert.deepEqual(await next, ["service:a gone"]);
  });
});
