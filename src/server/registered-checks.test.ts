import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { configEntries, configKey } from "#mesh/tables.ts";
import { readConfigEntry } from "#model/config-entry/config-entry.ts";
import { checkRegistration } from "#model/registration/check.ts";
import { readService } from "#model/registration/service.ts";
import { canonical } from "#model/schema/canonical.ts";
import { second } from "#model/schema/duration.ts";
import { type ApiOnly, startApi } from "../../test/support/api-only.ts";
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

  it("go through the proxy of their service where that is said", async () => {
    const Checks = [
      { Name: "page", HTTP: "http://127.0.0.1:8080/health?full=1" },
      { Name: "calls", GRPC: "127.0.0.1:8081/orders" },
      { Name: "other", TCP: "127.0.0.1:8080" },
    ];
    const { value } = readService({
      ...{ ID: "a", Name: "a", Port: 8080, Checks },
      Connect: { SidecarService: { Port: 20_000, DisableDefaultTCPCheck: true } },
    });
    if (value === null) throw new Error("no service");
    const { state } = api.server;
    await registerService(state, NODE, value, { replaceChecks: false });
    const changes = follow();
    const places = async () =>
      ((await changes.next()).value as RegisteredCheckChange[])
        .flatMap(({ check }) => check?.Definition?.HTTP || check?.Definition?.GRPC || [])
        .sort();
    assert.deepEqual(await places(), ["127.0.0.1:8081/orders", "http://127.0.0.1:8080/health?full=1"]);
    const { entry } = readConfigEntry({ Kind: "service-defaults", Name: "a", Expose: { Checks: true } });
    if (entry === null) throw new Error("no entry");
    await state.transact((tx) => tx.put(configEntries, configKey(entry), entry));
    const [grpc = "", http = ""] = await places();
    assert.match(grpc, /^10\.0\.0\.1:21[567]\d\d\/orders$/);
    assert.match(http, /^http:\/\/10\.0\.0\.1:21[567]\d\d\/health\?full=1$/);
    await state.transact((tx) => tx.delete(configEntries, configKey(entry)));
    assert.deepEqual(await places(), ["127.0.0.1:8081/orders", "http://127.0.0.1:8080/health?full=1"]);
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
