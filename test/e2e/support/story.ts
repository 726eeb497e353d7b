import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AllocationView } from "../../../src/cli/views.ts";
import type { Deployment, DeploymentStatus } from "../../../src/model/deployment.ts";
import type { Node } from "../../../src/model/node.ts";
import { until } from "../../support/wait.ts";
import { machines, startClient } from "./machines.ts";
import { freePort, startAgent, type TestAgent } from "./yurt.ts";

const JOBS = join(import.meta.dirname, "../jobs");
/** Milliseconds for one step, in which agents may be killed and started again. */
const PATIENCE = 60_000;
const COUNT = 2;

/**
 * How the caller asks: on kept connections, on new ones, for what takes a second, and on new ones a service of which
 * nobody says that it speaks HTTP.
 */
const WAYS = ["kept", "new", "slow", "tcp"];

export interface Killable {
  kill(): Promise<unknown>;
  start(): Promise<void>;
}

/** A server and two nodes, on which one job goes through everything that can happen to it, while another calls it. */
export interface Story extends AsyncDisposable {
  readonly server: TestAgent;
  /** All three, by name. */
  readonly agents: Readonly<Record<string, Killable>>;
  /** Both jobs run, and requests are answered. */
  begin(): Promise<void>;
  /** A rolling update, a version that never gets healthy, a canary and its promotion, a drain. */
  play(): Promise<void>;
  /** Stops both jobs, and waits until nothing of them runs. */
  end(): Promise<void>;
  allocations(job: string): Promise<readonly AllocationView[]>;
  deployments(): Promise<readonly Deployment[]>;
  /** What the caller says of its requests. */
  calls(): readonly string[];
  /** What the tasks noted, in the order of time: allocation, task, and whether it `begins` or `ends`. */
  notes(): readonly (readonly string[])[];
}

export async function openStory(): Promise<Story> {
  const network = machines();
  const port = await freePort();
  const server = await startAgent({ bind: network.address, flags: ["-server", "-rpc-port", String(port)] });
  const servers = `${network.address}:${port}`;
  const tokenFile = join(server.dataDir, "server", "join-token");
  const nodes = await Promise.all(
    ["a", "b"].map(async (name) => startClient(await network.add(name), { name, servers, tokenFile })),
  );
  const [notesFile, callsFile] = [join(server.folder, "notes"), join(server.folder, "calls")];
  const linesOf = (file: string) => readFileSync(file, "utf8").trimEnd().split("\n");

  const step = <Result>(what: string, condition: () => Promise<Result> | Result) =>
    until(what, condition, PATIENCE);
  /** Again and again until it is taken: the server may be away. */
  const command = (...words: readonly string[]) =>
    step(`yurt ${words.join(" ")} is taken`, async () => {
      const { code, stdout, stderr } = await server.yurt(...words);
      if (code !== 0) throw new Error(stdout + stderr);
      return true;
    });
  const run = (version: number, ...variables: readonly string[]) => {
    const all = [`record=${notesFile}`, `version=${version}`, ...variables];
    const flags = all.flatMap((variable) => ["-var", variable]);
    return command("job", "run", "-detach", ...flags, join(JOBS, "promises.nomad.hcl"));
  };

  const nodeNamed = async (name: string) =>
    (await server.get<Node[]>("/v1/nodes")).find(({ Name }) => Name === name);
  const allocations = (job: string) => server.get<AllocationView[]>(`/v1/job/${job}/allocations`);
  const deployments = () => server.get<Deployment[]>("/v1/job/promises/deployments");
  const deployment = (version: number) => async () =>
    (await deployments()).find(({ JobVersion }) => JobVersion === version);
  const hasEnded = (version: number, status: DeploymentStatus) =>
    step(`the deployment of version ${version} is ${status}`, async () => {
      const now = await deployment(version)();
      if (now?.Status !== status) throw new Error(JSON.stringify(now));
      return true;
    });
  const runs = (version: number, ...on: readonly string[]) =>
    step(`version ${version} runs on ${on.join(" and ")}, and no other`, async () => {
      const live = (await allocations("promises")).filter(isLive);
      const isAsWanted = (one: AllocationView) =>
        one.JobVersion === version && one.DesiredStatus === "run" && on.includes(one.NodeName);
      if (live.length !== COUNT || !live.every(isAsWanted)) throw new Error(live.map(described).join("; "));
      return true;
    });

  return {
    ...{ server, allocations, deployments },
    agents: {
      server: { kill: () => server.kill("SIGKILL"), start: () => server.restart() },
      ...Object.fromEntries(
        nodes.map((node) => [node.name, { kill: () => node.kill("SIGKILL"), start: () => node.start() }]),
      ),
    },
    begin: async () => {
      for (const name of ["a", "b"])
        await step(`node ${name} is ready`, async () => (await nodeNamed(name))?.Status === "ready");
      const body = JSON.stringify({ Kind: "service-defaults", Name: "shop", Protocol: "http" });
      await fetch(`${server.consulApi}/v1/config`, { method: "PUT", body });
      await run(0);
      await hasEnded(0, "successful");
      const variables = ["-var", "node=a", "-var", `record=${callsFile}`];
      await command("job", "run", "-detach", ...variables, join(JOBS, "caller.nomad.hcl"));
      await step("requests are answered", () =>
        WAYS.every((way) => linesOf(callsFile).includes(`answered ${way} 2`)),
      );
    },
    play: async () => {
      await run(1);
      await hasEnded(1, "successful");
      await run(2, "healthy=false");
      await hasEnded(2, "failed");
      await hasEnded(3, "successful");
      await run(4, "canaries=1");
      await step("the canary is healthy", async () => {
        const { app } = (await deployment(4)())?.TaskGroups ?? {};
        return app?.PlacedCanaries.length === 1 && app.HealthyAllocs === 1;
      });
      await command("job", "promote", "-detach", "promises");
      await hasEnded(4, "successful");
      await runs(4, "a", "b");
      const drained = await step("node b is known", () => nodeNamed("b"));
      await command("node", "drain", "-enable", "-detach", drained.ID);
      await step("node b is drained", async () => (await nodeNamed("b"))?.LastDrain?.Status === "complete");
      await runs(4, "a");
    },
    end: async () => {
      await command("job", "stop", "-detach", "caller");
      await command("job", "stop", "-detach", "promises");
      await step("nothing runs", async () => {
        const all = [...(await allocations("promises")), ...(await allocations("caller"))];
        return all.every(({ ClientStatus }) => ["complete", "failed", "lost"].includes(ClientStatus));
      });
    },
    calls: () => linesOf(callsFile),
    notes: () => linesOf(notesFile).map((line) => line.split(" ")),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
      await server[Symbol.asyncDispose]();
      network[Symbol.dispose]();
    },
  };
}

function isLive({ ClientStatus }: AllocationView): boolean {
  return ClientStatus === "running" || ClientStatus === "pending";
}

function described(one: AllocationView): string {
  return `${one.ID} of version ${one.JobVersion} on ${one.NodeName} shall ${one.DesiredStatus} and is ${one.ClientStatus}`;
}
