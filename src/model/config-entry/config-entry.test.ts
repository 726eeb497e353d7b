import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pathText } from "../diagnostic.ts";
import { readConfigEntry } from "./config-entry.ts";

const problemsOf = (json: unknown) =>
  readConfigEntry(json).problems.map(
    ({ path = [], summary, detail }) => `${pathText(path)}: ${summary}: ${detail}`,
  );

describe("config entry", () => {
  it("reads keys as Consul's users write them, in either case", () => {
    const camel = readConfigEntry({ Kind: "service-defaults", Name: "api", LocalConnectTimeoutMs: 250 });
    const snake = readConfigEntry({ kind: "service-defaults", name: "api", local_connect_timeout_ms: 250 });
    assert.equal(camel.entry?.Kind === "service-defaults" && camel.entry.LocalConnectTimeoutMs, 250);
    assert.deepEqual(snake.entry, camel.entry);
  });

  it("takes back what it gave, with its indexes", () => {
    const { entry } = readConfigEntry({
      Kind: "service-intentions",
      Name: "api",
      CreateIndex: 4,
      ModifyIndex: 9,
      Sources: [{ Name: "web", Action: "deny", Precedence: 9, Type: "consul" }],
    });
    assert.deepEqual(readConfigEntry(entry).entry, entry);
  });

  it("refuses what it does not know, with the nearest name", () => {
    assert.match(
      problemsOf({ Kind: "service-default", Name: "api" })[0] ?? "",
      /Kind: invalid config entry kind.*"service-defaults"/,
    );
    assert.match(
      problemsOf({ Kind: "service-defaults", Name: "api", Protocoll: "http" })[0] ?? "",
      /Protocoll.*"Protocol"/,
    );
    assert.match(
      problemsOf({ Kind: "service-defaults", Name: "api", Protocol: "htp" })[0] ?? "",
      /Protocol.*"http"/,
    );
    assert.match(problemsOf({ Name: "api" })[0] ?? "", /kind\/Kind key/);
    assert.match(problemsOf([1])[0] ?? "", /kind\/Kind key/);
  });

  it("refuses what contradicts itself, at its place", () => {
    assert.match(problemsOf({ Kind: "proxy-defaults", Name: "all" })[0] ?? "", /^Name: .*global/);
    assert.match(
      problemsOf({ Kind: "proxy-defaults", Name: "global", Config: { protocol: "udp" } })[0] ?? "",
      /^Config.Protocol:/,
    );
    assert.match(problemsOf({ Kind: "service-intentions", Name: "api" })[0] ?? "", /^Sources:/);
    const twice = { Name: "web", Action: "allow" };
    assert.match(
      problemsOf({ Kind: "service-intentions", Name: "api", Sources: [twice, twice] })[0] ?? "",
      /^Sources\[1\]\.Name: .*more than once/,
    );
    assert.match(
      problemsOf({
        Kind: "service-intentions",
        Name: "api",
        Sources: [{ Name: "w*", Action: "allow" }],
      })[0] ?? "",
      /stands alone/,
    );
    assert.match(
      problemsOf({ Kind: "service-intentions", Name: "api", Sources: [{ Name: "web" }] })[0] ?? "",
      /^Sources\[0\]\.Action/,
    );
  });
});
