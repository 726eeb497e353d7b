import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { callTls } from "../mesh/support/tls-client.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { until } from "../support/wait.ts";
import { allocationOf } from "./support/mesh.ts";
import { freePort, startAgent, type TestAgent } from "./support/yurt.ts";

const JOBS = join(import.meta.dirname, "jobs");
const run = promisify(execFile);

describe("gateways that jobs run", () => {
  let agent: TestAgent;
  before(async () => {
    agent = await startAgent();
  });
  after(() => agent?.[Symbol.asyncDispose]());

  const config = (kind: string, name: string) => fetch(`${agent.consulApi}/v1/config/${kind}/${name}`);

  describe("an ingress gateway", () => {
    before(async () => {
      await agent.must("job", "run", join(JOBS, "api.nomad.hcl"));
      await agent.must("job", "run", join(JOBS, "edge.nomad.hcl"));
    });

    it("is registered as one, and writes its config entry", async () => {
      const services = await (await fetch(`${agent.consulApi}/v1/catalog/service/edge`)).json();
      assert.deepEqual(
        (services as { ServiceKind: string }[]).map(({ ServiceKind }) => ServiceKind),
        ["ingress-gateway"],
      );
      const entry = (await (await config("ingress-gateway", "edge")).json()) as { Meta: object };
      assert.deepEqual(entry.Meta, { "external-source": "nomad", "nomad-job": "default/edge" });
    });

    it("is listed with the services behind it", async () => {
      const rows = await (await fetch(`${agent.consulApi}/v1/catalog/gateway-services/edge`)).json();
      assert.deepEqual(rows, [
        {
          ...{ Gateway: { Name: "edge" }, Service: { Name: "api" }, GatewayKind: "ingress-gateway" },
          ...{ Port: 8080, Protocol: "tcp", Hosts: [], FromWildcard: false },
        },
      ]);
    });

    it("lets clients on the machine reach the service behind it", async () => {
      const edge = await allocationOf(agent, "edge");
      const port = edge.AllocatedResources.Shared.Ports.find(({ Label }) => Label === "inbound");
      const get = () =>
        fetch(`http://${port?.HostIP}:${port?.Value}/`, { signal: AbortSignal.timeout(2000) });
      await until("the api answers through the gateway", async () => (await get()).status === 200);
      await agent.must("intention", "create", "-deny", "edge", "api");
      await until("the intention is kept", async () => {
        await assert.rejects(get());
        return true;
      });
      await agent.must("intention", "delete", "edge", "api");
      await until("it is lifted", async () => (await get()).status === 200);
    });

    it("gets another port by connect expose, which its job then takes back", async () => {
      const words = ["-ingress-gateway", "edge", "-service", "api", "-port", "8081"];
      assert.match(await agent.must("connect", "expose", ...words), /Allowed: edge => api/);
      const ports = async () => {
        const entry = (await (await config("ingress-gateway", "edge")).json()) as {
          Listeners: { Port: number }[];
        };
        return entry.Listeners.map(({ Port }) => Port);
      };
      assert.deepEqual(await ports(), [8080, 8081]);
      const bad = await agent.yurt("connect", "expose", ...words, "-protocol", "http");
      assert.equal(bad.code, 1);
      assert.match(bad.stderr, /-port 8081: the gateway speaks tcp there/);
    });

    it("listens at the node's own address in the network of the host", async () => {
      const number = await freePort();
      await agent.must("job", "run", "-var", `port=${number}`, join(JOBS, "edge-on-host.nomad.hcl"));
      const rows = await (await fetch(`${agent.consulApi}/v1/catalog/service/edge-on-host`)).json();
      const [instance] = rows as { ServiceAddress: string; ServicePort: number }[];
      assert.equal(instance?.ServicePort, number);
      const get = () =>
        fetch(`http://${instance?.ServiceAddress}:${number}/`, { signal: AbortSignal.timeout(2000) });
      await until("the api answers through the gateway", async () => (await get()).status === 200);
      await agent.must("job", "stop", "-purge", "edge-on-host");
    });

    it("goes with its job, and takes the entry along", async () => {
      await agent.must("job", "stop", "-purge", "edge");
      assert.equal((await config("ingress-gateway", "edge")).status, 404);
    });
  });

  describe("a terminating gateway", () => {
    let database: Postgres;
    const address = execFileSync("hostname", ["-I"], { encoding: "utf8" }).split(" ")[0] ?? "127.0.0.1";
    before(async () => {
      database = await startPostgres(await freePort());
      const registration = {
        ...{ Node: "elsewhere", Address: address, NodeMeta: { "external-node": "true" } },
        Service: { ID: "postgres", Service: "postgres", Port: database.port },
        Check: {
          ...{
            Node: "elsewhere",
            CheckID: "postgres",
            Name: "tcp",
            ServiceID: "postgres",
            Status: "passing",
          },
          Definition: { TCP: `${address}:${database.port}`, Interval: "200ms", Timeout: "1s" },
        },
      };
      const response = await fetch(`${agent.consulApi}/v1/catalog/register`, {
        method: "PUT",
        body: JSON.stringify(registration),
      });
      assert.equal(response.status, 200, await response.text());
      await agent.must("job", "run", join(JOBS, "out.nomad.hcl"));
      await agent.must("job", "run", join(JOBS, "report.nomad.hcl"));
    });
    after(async () => database?.stop());

    it("lets a client of PostgreSQL reach a server outside through its sidecar", async () => {
      const report = await allocationOf(agent, "report");
      const psql = ["psql", "-h", "127.0.0.1", "-p", "5432", "-U", "postgres", "-At", "-c", "select 6 * 7"];
      await until("the server answers", async () => {
        const { stdout } = await run("ip", ["netns", "exec", report.ID, ...psql], {
          env: { ...process.env, PGCONNECT_TIMEOUT: "3" },
        });
        return stdout.trim() === "42";
      });
    });

    it("asks for the health of the server outside on its node", async () => {
      const status = async () => {
        const rows = await (await fetch(`${agent.consulApi}/v1/health/service/postgres`)).json();
        return (rows as { Checks: { Status: string }[] }[]).flatMap(({ Checks }) =>
          Checks.map(({ Status }) => Status),
        );
      };
      await database.stop();
      await until("the check is critical", async () => (await status()).includes("critical"));
    });
  });

  describe("a mesh gateway", () => {
    interface Address {
      readonly Address: string;
      readonly Port: number;
    }
    const instance = async () => {
      const rows = await (await fetch(`${agent.consulApi}/v1/catalog/service/mesh-gateway`)).json();
      const [row] = rows as { ServiceKind: string; ServiceTaggedAddresses: { lan: Address; wan: Address } }[];
      assert.equal(row?.ServiceKind, "mesh-gateway");
      return row.ServiceTaggedAddresses;
    };
    const roots = () =>
      agent.get<{ TrustDomain: string; Roots: { RootCert: string }[] }>("/v1/connect/ca/roots");
    /** The names in the certificate of who answers for the api. */
    const namesAt = async ({ Address, Port }: Address) => {
      const leaf = (await (await fetch(`${agent.consulApi}/v1/agent/connect/ca/leaf/web`)).json()) as {
        CertPEM: string;
        PrivateKeyPEM: string;
      };
      const { TrustDomain, Roots } = await roots();
      const { names } = await callTls(
        { address: Address, port: Port },
        {
          serverName: `api.default.dc1.internal.${TrustDomain}`,
          authority: Roots.map(({ RootCert }) => RootCert).join(""),
          leaf: { certificate: leaf.CertPEM, privateKey: leaf.PrivateKeyPEM },
        },
      );
      return names;
    };

    for (const mode of ["bridge", "host"]) {
      it(`hands connections on to services, in the network ${mode}`, async () => {
        await agent.must("job", "run", "-var", `mode=${mode}`, join(JOBS, "mesh-gateway.nomad.hcl"));
        const { lan, wan } = await instance();
        const { TrustDomain } = await roots();
        const uri = `URI:spiffe://${TrustDomain}/ns/default/dc/dc1/svc/api`;
        for (const address of [lan, wan])
          await until("the api answers through the gateway", async () => (await namesAt(address)) === uri);
        await agent.must("job", "stop", "-purge", "mesh-gateway");
      });
    }
  });
});
