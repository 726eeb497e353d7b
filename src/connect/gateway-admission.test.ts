import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JobInput } from "#model/job/job.ts";
import { admit } from "./admission.ts";
import { gatewayEntries } from "./gateway-entries.ts";

type Gateway = NonNullable<
  NonNullable<NonNullable<NonNullable<JobInput["TaskGroups"]>[number]["Services"]>[number]["Connect"]>
>["Gateway"];

const listener = { Port: 8080, Protocol: "http", Services: [{ Name: "web", Hosts: ["example.com"] }] };

const gatewayJob = (Gateway: Gateway, mode = "bridge", PortLabel = ""): JobInput => ({
  ID: "edge",
  TaskGroups: [
    {
      Name: "edge",
      Networks: [{ Mode: mode, DynamicPorts: [{ Label: "http", To: 8080 }] }],
      Services: [{ Name: "front", PortLabel, Connect: { Gateway } }],
    },
  ],
});

const admittedGroup = (input: JobInput) => {
  const { job } = admit(input);
  const [group] = job?.TaskGroups ?? [];
  assert.ok(job && group);
  assert.deepEqual(admit(job).job, job, "admitting it again changes nothing");
  return { job, group };
};

const bindAddresses = (input: JobInput) => {
  const proxy = admittedGroup(input).group.Services[0]?.Connect?.Gateway?.Proxy;
  return Object.entries(proxy?.EnvoyGatewayBindAddresses ?? {}).map(([name, { Address, Port }]) => [
    ...[name, Address, Port],
  ]);
};

describe("admission of gateways", () => {
  it("injects a main task that runs the Envoy, for every kind", () => {
    const kinds = {
      ingress: { Ingress: { Listeners: [listener] } },
      terminating: { Terminating: { Services: [{ Name: "db" }] } },
      mesh: { Mesh: {} },
      api: { Api: {} },
    };
    for (const [kind, gateway] of Object.entries(kinds)) {
      const [task] = admittedGroup(gatewayJob(gateway, "bridge", "http")).group.Tasks;
      assert.deepEqual(
        [task?.Name, task?.Kind, task?.Lifecycle],
        [`connect-${kind}-front`, `connect-${kind}:front`, null],
      );
    }
  });

  it("lets a gateway in a network of its own listen everywhere", () => {
    assert.deepEqual(bindAddresses(gatewayJob({ Ingress: { Listeners: [listener] } })), [
      ["web", "0.0.0.0", 8080],
    ]);
    assert.deepEqual(bindAddresses(gatewayJob({ Terminating: { Services: [{ Name: "db" }] } })), [
      ["default", "0.0.0.0", -1],
    ]);
    assert.deepEqual(bindAddresses(gatewayJob({ Mesh: {} }, "bridge", "http")), [
      ["wan", "0.0.0.0", -1],
      ["lan", "0.0.0.0", -1],
    ]);
    assert.deepEqual(bindAddresses(gatewayJob({ Mesh: {} }, "host", "http")), []);
  });

  it("makes the ports that a gateway needs and has not", () => {
    const labels = (input: JobInput) =>
      admittedGroup(input).group.Networks[0]?.DynamicPorts.map(({ Label }) => Label);
    const terminating = gatewayJob({ Terminating: { Services: [{ Name: "db" }] } });
    assert.deepEqual(labels(terminating), ["http", "connect-terminating-front"]);
    assert.equal(admittedGroup(terminating).group.Services[0]?.PortLabel, "connect-terminating-front");
    assert.deepEqual(labels(gatewayJob({ Mesh: {} }, "bridge", "http")), ["http", "connect-mesh-front-lan"]);
    assert.deepEqual(labels(gatewayJob({ Mesh: {} }, "host", "http")), ["http"]);
  });

  it("tells a container of a gateway in the host's network to be there", () => {
    const { job } = admit(gatewayJob({ Ingress: { Listeners: [listener] } }, "host"), "docker");
    const { image, network_mode: mode } = job?.TaskGroups[0]?.Tasks[0]?.Config ?? {};
    assert.deepEqual([image, mode], ["${meta.connect.gateway_image}", "host"]);
  });

  it("gives the config entry that the block stands for, marked as the job's", () => {
    const { job } = admittedGroup(gatewayJob({ Ingress: { Listeners: [listener] } }));
    const [entry] = gatewayEntries(job).entries;
    assert.ok(entry?.Kind === "ingress-gateway");
    assert.equal(entry.Name, "front");
    assert.deepEqual(entry.Listeners[0]?.Services[0]?.Hosts, ["example.com"]);
    assert.equal(entry.Meta["nomad-job"], "default/edge");
  });

  it("refuses what the entry's rules refuse, at its place in the job", () => {
    const bad = { ...listener, Services: [{ Name: "web", Hosts: ["no host"] }] };
    const { diagnostics } = admit(gatewayJob({ Ingress: { Listeners: [bad] } }));
    assert.deepEqual(
      diagnostics.filter(({ severity }) => severity === "error").map(({ path }) => path?.slice(6)),
      [["Ingress", "Listeners", 0, "Services", 0, "Hosts", 0]],
    );
  });
});
