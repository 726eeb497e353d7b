import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readService } from "#model/registration/service.ts";
import { expand } from "./registration.ts";

const NODE = { name: "n1", address: "10.0.0.1" };

function expanded(json: object) {
  const { value, problems } = readService(json);
  assert.ok(value !== null, JSON.stringify(problems));
  return expand(NODE, value, () => 21000);
}

const refusal = (json: object) => {
  const { value, problems } = readService(json);
  assert.equal(value, null);
  return problems.map(({ path, detail }) => `${path?.join(".")}: ${detail}`).join("\n");
};

describe("a registration by hand", () => {
  it("becomes an instance and its sidecar, with the checks that Consul gives them", () => {
    const { instances, checks } = expanded({
      name: "web",
      port: 80,
      tags: ["v1"],
      checks: [{ ttl: "5s" }, { name: "answers", tcp: "10.0.0.1:80" }],
      connect: {
        sidecar_service: { proxy: { upstreams: { destination_name: "api", local_bind_port: 9191 } } },
      },
    });
    assert.deepEqual(
      instances.map(({ ID, Kind, Address, Port, Tags }) => [ID, Kind, Address, Port, Tags]),
      [
        ["web", "", "10.0.0.1", 80, ["v1"]],
        ["web-sidecar-proxy", "connect-proxy", "10.0.0.1", 21000, ["v1"]],
      ],
    );
    assert.deepEqual(
      checks.map(({ CheckID, Name, Type, Status }) => [CheckID, Name, Type, Status]),
      [
        ["service:web:1", "Service 'web' check", "ttl", "critical"],
        ["service:web:2", "answers", "tcp", "critical"],
        ["service:web-sidecar-proxy:1", "Connect Sidecar Listening", "tcp", "critical"],
        ["service:web-sidecar-proxy:2", "Connect Sidecar Aliasing web", "alias", "critical"],
      ],
    );
    const proxy = instances[1]?.Proxy;
    assert.deepEqual([proxy?.DestinationServiceID, proxy?.LocalServicePort], ["web", 80]);
    assert.deepEqual(
      proxy?.Upstreams.map(({ DestinationName, LocalBindPort }) => [DestinationName, LocalBindPort]),
      [["api", 9191]],
    );
  });

  it("may be a proxy of its own", () => {
    const proxy = { DestinationServiceName: "web", LocalServicePort: 80 };
    const { instances } = expanded({ Kind: "connect-proxy", Name: "web-proxy", Port: 20000, Proxy: proxy });
    assert.equal(instances.length, 1);
    assert.equal(instances[0]?.Proxy?.LocalServiceAddress, "127.0.0.1");
  });

  it("is refused with the reason where it cannot be", () => {
    const sidecar = { sidecar_service: {} };
    assert.match(refusal({ name: "a", connect: { native: true, ...sidecar } }), /needs no sidecar/);
    assert.match(
      refusal({ name: "a", connect: { sidecar_service: { id: "x" } } }),
      /follow from the service's/,
    );
    assert.match(refusal({ name: "a", check: { http: "ftp://x" } }), /begins with http/);
    assert.match(refusal({ name: "a", check: { ttl: "1s", tcp: "a:1" } }), /TTL and TCP at once/);
    assert.match(refusal({ name: "a", check: { args: ["ls"] } }), /Scripts are not run/);
    const upstreams = [{ destination_name: "b" }];
    assert.match(
      refusal({ name: "a", connect: { sidecar_service: { proxy: { upstreams } } } }),
      /LocalBindPort or a LocalBindSocketPath/,
    );
  });
});
