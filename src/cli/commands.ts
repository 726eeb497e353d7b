import type { Command } from "./command.ts";

interface Entry {
  readonly summary: string;
  /** Each command's file is loaded when it is called, and no other. */
  readonly load: () => Promise<Command>;
}

const entry = (summary: string, load: () => Promise<{ default: Command }>): Entry => ({
  summary,
  load: async () => (await load()).default,
});

/** Every command by its name: the one list that help, dispatch and documentation come from. */
export const commands: Readonly<Record<string, Entry>> = {
  acl: entry("Say what stands in the place of ACL tokens", () => import("./commands/acl.ts")),
  action: entry("Run a command that a job has given a name", () => import("./commands/action.ts")),
  agent: entry("Run an agent: a server and a node", () => import("./commands/agent.ts")),
  "alloc checks": entry("Show the checks of an allocation", () => import("./commands/alloc-checks.ts")),
  "alloc fs": entry("Look at the files of an allocation", () => import("./commands/alloc-fs.ts")),
  "alloc restart": entry("Restart the tasks of an allocation", () => import("./commands/alloc-restart.ts")),
  "alloc signal": entry(
    "Send a signal to the tasks of an allocation",
    () => import("./commands/alloc-signal.ts"),
  ),
  "alloc stop": entry(
    "Stop an allocation; another takes its place",
    () => import("./commands/alloc-stop.ts"),
  ),
  "alloc exec": entry("Run a command in a task", () => import("./commands/alloc-exec.ts")),
  "alloc logs": entry("Show the output of a task", () => import("./commands/alloc-logs.ts")),
  "alloc status": entry(
    "Show an allocation, its tasks and its proxies",
    () => import("./commands/alloc-status.ts"),
  ),
  "catalog datacenters": entry("List the datacenters", () => import("./commands/catalog-datacenters.ts")),
  "catalog nodes": entry("List the nodes of the catalog", () => import("./commands/catalog-nodes.ts")),
  "catalog services": entry("List the services of the mesh", () => import("./commands/catalog-services.ts")),
  "config delete": entry("Delete a config entry of the mesh", () => import("./commands/config-delete.ts")),
  "config list": entry("List the config entries of one kind", () => import("./commands/config-list.ts")),
  "config read": entry("Show a config entry of the mesh", () => import("./commands/config-read.ts")),
  "config write": entry("Write a config entry of the mesh", () => import("./commands/config-write.ts")),
  "connect ca get-config": entry(
    "Show the configuration of the certificate authority",
    () => import("./commands/connect-ca-get-config.ts"),
  ),
  "connect ca roots": entry(
    "List the root certificates that proxies trust",
    () => import("./commands/connect-ca-roots.ts"),
  ),
  "connect ca rotate": entry(
    "Make a new root certificate, without a break",
    () => import("./commands/connect-ca-rotate.ts"),
  ),
  "connect ca set-config": entry(
    "Change the certificate authority",
    () => import("./commands/connect-ca-set-config.ts"),
  ),
  "connect envoy": entry(
    "Run an Envoy for a service, or print its bootstrap",
    () => import("./commands/connect-envoy.ts"),
  ),
  "connect expose": entry(
    "Lets clients outside reach a service through an ingress gateway",
    () => import("./commands/connect-expose.ts"),
  ),
  "connect redirect-traffic": entry(
    "Redirect the connections of a namespace to a proxy",
    () => import("./commands/connect-redirect-traffic.ts"),
  ),

  fmt: entry("Format job files", () => import("./commands/fmt.ts")),
  "intention check": entry(
    "Tell whether a service may reach another",
    () => import("./commands/intention-check.ts"),
  ),
  "intention create": entry(
    "Allow or deny a service to reach another",
    () => import("./commands/intention-create.ts"),
  ),
  "intention delete": entry("Take an intention away", () => import("./commands/intention-delete.ts")),
  "intention get": entry("Show one intention", () => import("./commands/intention-get.ts")),
  "intention list": entry("List the intentions", () => import("./commands/intention-list.ts")),
  "intention match": entry(
    "List the intentions that concern a service",
    () => import("./commands/intention-match.ts"),
  ),
  "job history": entry("Show the versions of a job", () => import("./commands/job-history.ts")),
  "job init": entry("Write an example of a job file", () => import("./commands/job-init.ts")),
  "job inspect": entry("Show a job as it is stored", () => import("./commands/job-inspect.ts")),
  "job plan": entry("Show what running a job file would change", () => import("./commands/job-plan.ts")),
  "job revert": entry("Go back to an earlier version of a job", () => import("./commands/job-revert.ts")),
  "job run": entry("Run a job, or a new version of it", () => import("./commands/job-run.ts")),
  "job status": entry("Show the jobs, or one of them", () => import("./commands/job-status.ts")),
  "job stop": entry("Stop a job", () => import("./commands/job-stop.ts")),
  "job validate": entry("Check a job file", () => import("./commands/job-validate.ts")),
  "mesh diff": entry(
    "Show where a proxy holds something else than it should",
    () => import("./commands/mesh-diff.ts"),
  ),
  "mesh explain": entry(
    "Show the way of a request through the mesh, and why",
    () => import("./commands/mesh-explain.ts"),
  ),
  "mesh status": entry("Show the proxies of the mesh", () => import("./commands/mesh-status.ts")),
  "node pool apply": entry("Make or change node pools", () => import("./commands/node-pool-apply.ts")),
  "node pool delete": entry("Delete a node pool", () => import("./commands/node-pool-delete.ts")),
  "node pool info": entry("Show a node pool", () => import("./commands/node-pool-info.ts")),
  "node pool jobs": entry("List the jobs of a node pool", () => import("./commands/node-pool-jobs.ts")),
  "node pool list": entry("List the node pools", () => import("./commands/node-pool-list.ts")),
  "node pool nodes": entry("List the nodes of a node pool", () => import("./commands/node-pool-nodes.ts")),
  "node status": entry("Show the nodes, or one of them", () => import("./commands/node-status.ts")),
  "peering delete": entry("Take a peering away, on both sides", () => import("./commands/peering-delete.ts")),
  "peering establish": entry(
    "Make another mesh a peer, with its token",
    () => import("./commands/peering-establish.ts"),
  ),
  "peering exported-services": entry(
    "List the services that a peer may call",
    () => import("./commands/peering-exported-services.ts"),
  ),
  "peering generate-token": entry(
    "Make a token for another mesh",
    () => import("./commands/peering-generate-token.ts"),
  ),
  "peering list": entry("List the peers of the mesh", () => import("./commands/peering-list.ts")),
  "peering read": entry("Show a peering", () => import("./commands/peering-read.ts")),
  "proxy config": entry("Show what a running proxy holds", () => import("./commands/proxy-config.ts")),
  "scaling policy info": entry("Show a scaling policy", () => import("./commands/scaling-policy-info.ts")),
  "scaling policy list": entry(
    "List the scaling policies of jobs",
    () => import("./commands/scaling-policy-list.ts"),
  ),
  "services deregister": entry(
    "Take away a service that no job runs",
    () => import("./commands/services-deregister.ts"),
  ),
  "services register": entry(
    "Register a service that no job runs",
    () => import("./commands/services-register.ts"),
  ),
  "kv delete": entry("Delete a key, or all that begin so", () => import("./commands/kv-delete.ts")),
  "kv get": entry("Show the value of a key", () => import("./commands/kv-get.ts")),
  "kv put": entry("Write a key", () => import("./commands/kv-put.ts")),
  "var get": entry("Show a variable, or one of its items", () => import("./commands/var-get.ts")),
  "var list": entry("List the variables", () => import("./commands/var-list.ts")),
  "var purge": entry("Delete a variable", () => import("./commands/var-purge.ts")),
  "var put": entry("Write a variable", () => import("./commands/var-put.ts")),
  "deployment fail": entry("Give a deployment up", () => import("./commands/deployment-fail.ts")),
  "deployment list": entry("List the deployments", () => import("./commands/deployment-list.ts")),
  "deployment pause": entry("Let a deployment rest", () => import("./commands/deployment-pause.ts")),
  "deployment promote": entry(
    "Let the canaries of a deployment stand",
    () => import("./commands/deployment-promote.ts"),
  ),
  "deployment resume": entry(
    "Let a paused deployment go on",
    () => import("./commands/deployment-resume.ts"),
  ),
  "deployment status": entry("Show a deployment", () => import("./commands/deployment-status.ts")),
  "deployment unblock": entry(
    "Let a blocked deployment go on",
    () => import("./commands/deployment-unblock.ts"),
  ),
  "eval delete": entry(
    "Delete evaluations that are not needed any more",
    () => import("./commands/eval-delete.ts"),
  ),
  "eval list": entry("List the evaluations", () => import("./commands/eval-list.ts")),
  "eval status": entry(
    "Show an evaluation, and what stood in its way",
    () => import("./commands/eval-status.ts"),
  ),
  "job allocs": entry("List the allocations of a job", () => import("./commands/job-allocs.ts")),
  "job deployments": entry("List the deployments of a job", () => import("./commands/job-deployments.ts")),
  "job dispatch": entry("Run a parameterized job once", () => import("./commands/job-dispatch.ts")),
  "job eval": entry("Ask for an evaluation of a job", () => import("./commands/job-eval.ts")),
  "job periodic force": entry(
    "Launch a periodic job at once",
    () => import("./commands/job-periodic-force.ts"),
  ),
  "job promote": entry("Let the canaries of a job stand", () => import("./commands/job-promote.ts")),
  "job restart": entry("Restart the tasks of a job", () => import("./commands/job-restart.ts")),
  "job scale": entry("Change the count of a group", () => import("./commands/job-scale.ts")),
  "job scaling-events": entry(
    "Show how counts were changed",
    () => import("./commands/job-scaling-events.ts"),
  ),
  "job start": entry("Run a stopped job again", () => import("./commands/job-start.ts")),
  "node drain": entry("Empty a node", () => import("./commands/node-drain.ts")),
  "node eligibility": entry(
    "Let new allocations come to a node, or not",
    () => import("./commands/node-eligibility.ts"),
  ),
  "operator scheduler get-config": entry(
    "Show how the scheduler decides",
    () => import("./commands/operator-scheduler-get-config.ts"),
  ),
  "operator scheduler set-config": entry(
    "Change how the scheduler decides",
    () => import("./commands/operator-scheduler-set-config.ts"),
  ),
  "system gc": entry("Forget what is over", () => import("./commands/system-gc.ts")),
  version: entry("Show the version", () => import("./commands/version.ts")),
};

/** Short names that Nomad's users know. */
const aliases: Readonly<Record<string, string>> = {
  run: "job run",
  plan: "job plan",
  inspect: "job inspect",
  init: "job init",
  stop: "job stop",
  status: "job status",
  validate: "job validate",
  logs: "alloc logs",
  exec: "alloc exec",
  start: "job start",
  "eval-status": "eval status",
  "node-drain": "node drain",
  "node-status": "node status",
};

/** The command that the first words of a line name. `words`: how many of them are its name. */
export function findCommand(
  words: readonly string[],
): { name: string; words: number; load: Entry["load"] } | null {
  for (const count of [3, 2, 1]) {
    const name = words.slice(0, count).join(" ");
    const found = words.length >= count ? commands[name] : undefined;
    if (found) return { name, words: count, load: found.load };
  }
  const alias = aliases[words[0] ?? ""];
  const found = alias === undefined ? undefined : commands[alias];
  return alias && found ? { name: alias, words: 1, load: found.load } : null;
}

/** The group that the first word names, such as `job`; null when there is none. */
export function groupOf(words: readonly string[]): string | null {
  const [first] = words;
  return first !== undefined && Object.keys(commands).some((name) => name.startsWith(`${first} `))
    ? first
    : null;
}
