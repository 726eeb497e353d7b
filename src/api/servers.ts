import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { aclRoutes } from "./acl.ts";
import { consulAgentRoutes } from "./consul/agent.ts";
import { agentHealthRoutes } from "./consul/agent-health.ts";
import { authorizeRoutes } from "./consul/authorize.ts";
import { catalogRoutes } from "./consul/catalog.ts";
import { certificateAuthorityRoutes } from "./consul/certificate-authority.ts";
import { configRoutes } from "./consul/config.ts";
import { askOtherDatacenters } from "./consul/datacenters.ts";
import { discoveryChainRoutes } from "./consul/discovery-chain.ts";
import { intentionRoutes } from "./consul/intentions.ts";
import { keyRoutes } from "./consul/keys.ts";
import { leafRoutes } from "./consul/leaf.ts";
import { peeringRoutes } from "./consul/peering.ts";
import { registrationRoutes } from "./consul/registration.ts";
import { virtualAddressRoutes } from "./consul/virtual-addresses.ts";
import type { ApiContext } from "./context.ts";
import { httpServer } from "./http-server.ts";
import { compareRoutes } from "./mesh/compare.ts";
import { explainRoutes } from "./mesh/explain.ts";
import { peerRoutes } from "./mesh/peers.ts";
import { proxyRoutes } from "./mesh/proxies.ts";
import { proxyCredentialRoutes } from "./mesh/proxy-credentials.ts";
import { metricRoutes } from "./metrics.ts";
import { agentRoutes } from "./nomad/agent.ts";
import { allocationCheckRoutes } from "./nomad/allocation-checks.ts";
import { allocationRoutes } from "./nomad/allocations.ts";
import { clientRoutes } from "./nomad/client.ts";
import { deploymentRoutes } from "./nomad/deployments.ts";
import { evaluationRoutes } from "./nomad/evaluations.ts";
import { eventRoutes } from "./nomad/events.ts";
import { serveExec } from "./nomad/exec.ts";
import { fileRoutes } from "./nomad/files.ts";
import { identityRoutes } from "./nomad/identities.ts";
import { jobActionRoutes } from "./nomad/job-actions.ts";
import { jobPlanRoutes } from "./nomad/job-plan.ts";
import { jobSpecificationRoutes } from "./nomad/job-specification.ts";
import { jobVersionRoutes } from "./nomad/job-versions.ts";
import { jobRoutes } from "./nomad/jobs.ts";
import { keyringRoutes } from "./nomad/keyring.ts";
import { nodePoolRoutes } from "./nomad/node-pools.ts";
import { nodeRoutes } from "./nomad/nodes.ts";
import { scalingPolicyRoutes } from "./nomad/scaling-policies.ts";
import { systemRoutes } from "./nomad/system.ts";
import { variableRoutes } from "./nomad/variables.ts";

/** Yurt's own, which both doors have. */
const ownRoutes = [
  explainRoutes,
  metricRoutes,
  compareRoutes,
  proxyCredentialRoutes,
  proxyRoutes,
  peerRoutes,
];

/** The routes that Nomad's clients know. */
export function nomadServer(context: ApiContext): FastifyInstance {
  const app = httpServer({
    log: context.log,
    routes: (app) => {
      for (const add of [
        aclRoutes(400),
        jobRoutes,
        jobSpecificationRoutes,
        jobPlanRoutes,
        jobVersionRoutes,
        allocationRoutes,
        evaluationRoutes,
        deploymentRoutes,
        jobActionRoutes,
        systemRoutes,
        eventRoutes,
        nodeRoutes,
        nodePoolRoutes,
        scalingPolicyRoutes,
        clientRoutes,
        fileRoutes,
        allocationCheckRoutes,
        variableRoutes,
        identityRoutes,
        keyringRoutes,
        agentRoutes,
        ...ownRoutes,
      ]) {
        add(app, context);
      }
    },
  });
  serveExec(app.server, context);
  return app;
}

/** The routes that Consul's clients know. */
export function consulServer(context: ApiContext): FastifyInstance {
  return httpServer({
    log: context.log,
    routes: (app) => {
      for (const add of [
        aclRoutes(401),
        askOtherDatacenters,
        catalogRoutes,
        configRoutes,
        discoveryChainRoutes,
        intentionRoutes,
        peeringRoutes,
        keyRoutes,
        consulAgentRoutes,
        agentHealthRoutes,
        registrationRoutes,
        virtualAddressRoutes,
        certificateAuthorityRoutes,
        leafRoutes,
        authorizeRoutes,
        ...ownRoutes,
      ])
        add(app, context);
    },
  });
}

/** Listens, and gives the port: the one that was asked for, or a free one for 0. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  await app.listen({ host, port });
  return (app.server.address() as AddressInfo).port;
}
