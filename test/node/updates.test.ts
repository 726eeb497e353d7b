import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { AllocationId, DeploymentId } from "#model/id.ts";
import type { Service } from "#model/job/service.ts";
import { second } from "#model/schema/duration.ts";
import type { Input } from "#model/schema/schema.ts";
import type { AssignedAllocation } from "#node/server-link.ts";
import { allocate, shell, TestNode } from "./test-node.ts";

let node: TestNode;
before(async () => {
  node = await TestNode.start();
});
after(() => node.stop());

const group = (service: Input<Service>) =>
  allocate({
    Update: { MinHealthyTime: 0, HealthyDeadline: 20 * second },
    Services: [{ Name: "web", ...service }],
    // What it writes proves that it is the same process all the time.
    Tasks: [shell('echo "began as $$"; while :; do sleep 0.05; done')],
  });

const script = (Name: string, Command: string, more: object = {}) => ({
  Checks: [
    { Name, Type: "script" as const, Command, TaskName: "main", Interval: second, Timeout: second, ...more },
  ],
});

/** The same allocation under another version of its job. */
const next = (now: AssignedAllocation, service: Input<Service>): AssignedAllocation => {
  const JobVersion = now.JobVersion + 1;
  const { Job } = group(service);
  const DeploymentID = `deployment-${JobVersion}` as DeploymentId;
  return { ...now, JobVersion, DeploymentID, Job: { ...Job, Version: JobVersion } };
};

const tags = (id: AllocationId) => node.link.instances.get(id)?.[0]?.Tags ?? [];
const health = (id: AllocationId, deployment: string) => {
  const update = node.link.updates.get(id);
  return update?.DeploymentID === deployment ? update.DeploymentHealthy : null;
};
const end = async ({ ID }: AssignedAllocation) => {
  node.link.stop(ID);
  await node.ended(ID);
  node.link.assign();
};

describe("an allocation whose job changes in what its tasks do not notice", () => {
  it("goes on with the same process, other services and other checks, and is judged anew", async () => {
    const first = group({ Tags: ["v1"], ...script("check", "/bin/true") });
    node.link.assign(first);
    await node.link.until(() => health(first.ID, "deployment-0") === true, "health");
    const second = next(first, { Tags: ["v2"], ...script("other", "/bin/true") });
    node.link.assign(second);
    await node.link.until(() => health(first.ID, "deployment-1") === true, "health in the deployment");
    assert.deepEqual([tags(first.ID), node.link.checksOf("web")], [["v2"], { other: "passing" }]);
    const printed = await node.logs(first.ID);
    assert.equal(printed.match(/began/g)?.length, 1, printed);
    assert.equal(node.state(first.ID)?.Restarts, 0);
    // Not what a check of the same name has found before, but what it finds now, decides.
    const third = next(second, { Tags: ["v3"], ...script("other", "/bin/false") });
    node.link.assign(third);
    await node.link.until(() => node.link.checksOf("web")["other"] === "warning", "the check failing");
    assert.equal(health(first.ID, "deployment-2"), null);
    await end(third);
  });

  it("has the further addresses that its job gives it", async () => {
    const TaggedAddresses = {
      wan: "203.0.113.7:443",
      lan: "${attr.unique.network.ip-address}",
      v6: "[2001:db8::1]:80",
    };
    const first = group({ PortLabel: "9000", TaggedAddresses });
    node.link.assign(first);
    await node.link.until(() => node.link.instances.has(first.ID), "its services");
    const [instance] = node.link.instances.get(first.ID) ?? [];
    assert.deepEqual(instance?.TaggedAddresses, {
      wan: { Address: "203.0.113.7", Port: 443 },
      lan: { Address: node.agent.node.Address, Port: 9000 },
      v6: { Address: "2001:db8::1", Port: 80 },
    });
    await end(first);
  });

  it("goes on with it after a restart of the agent", async () => {
    const first = group({ Tags: ["v1"] });
    node.link.assign(first);
    await node.hasPrinted(first.ID, "began");
    const second = next(first, { Tags: ["v2"] });
    node.link.assign(second);
    await node.link.until(() => tags(first.ID)[0] === "v2", "the new tag");
    node.link.instances.clear();
    await node.restart();
    await node.link.until(() => tags(first.ID)[0] === "v2", "the tag again");
    assert.equal((await node.logs(first.ID)).match(/began/g)?.length, 1);
    await end(second);
  });

  it("has the tags of any other once it is no canary any more", async () => {
    const first = group({ Tags: ["all"], CanaryTags: ["trial"] });
    const canary = { ...first, DeploymentStatus: { Healthy: null, Timestamp: null, Canary: true } };
    node.link.assign(canary);
    await node.link.until(() => tags(first.ID)[0] === "trial", "the tag of a canary");
    const promoted = { ...first, DeploymentStatus: { Healthy: true, Timestamp: null, Canary: false } };
    node.link.assign(promoted);
    await node.link.until(() => tags(first.ID)[0] === "all", "the usual tag");
    await end(promoted);
  });
});
