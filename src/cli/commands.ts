/**
 * What every command does, by its name: the one list that help, dispatch and documentation come from. A command is in
 * the file of its name, with dashes between the words.
 */
export const commands: Readonly<Record<string, string>> = {
  acl: "Say what stands in the place of ACL tokens",
  action: "Run a command that a job has given a name",
  agent: "Run an agent: a server and a node",
  "alloc checks": "Show the checks of an allocation",
  "alloc fs": "Look at the files of an allocation",
  "alloc restart": "Restart the tasks of an allocation",
  "alloc signal": "Send a signal to the tasks of an allocation",
  "alloc stop": "Stop an allocation; another takes its place",
  "alloc exec": "Run a command in a task",
  "alloc logs": "Show the output of a task",
  "alloc status": "Show an allocation, its tasks and its proxies",
  "catalog datacenters": "List the datacenters",
  "catalog nodes": "List the nodes of the catalog",
  "catalog services": "List the services of the mesh",
  "config delete": "Delete a config entry of the mesh",
  "config list": "List the config entries of one kind",
  "config read": "Show a config entry of the mesh",
  "config write": "Write a config entry of the mesh",
  "connect ca get-config": "Show the configuration of the certificate authority",
  "connect ca roots": "List the root certificates that proxies trust",
  "connect ca rotate": "Make a new root certificate, without a break",
  "connect ca set-config": "Change the certificate authority",
  "connect envoy": "Run an Envoy for a service, or print its bootstrap",
  "connect expose": "Lets clients outside reach a service through an ingress gateway",
  "connect redirect-traffic": "Redirect the connections of a namespace to a proxy",

  fmt: "Format job files",
  "intention check": "Tell whether a service may reach another",
  "intention create": "Allow or deny a service to reach another",
  "intention delete": "Take an intention away",
  "intention get": "Show one intention",
  "intention list": "List the intentions",
  "intention match": "List the intentions that concern a service",
  "job history": "Show the versions of a job",
  "job init": "Write an example of a job file",
  "job inspect": "Show a job as it is stored",
  "job plan": "Show what running a job file would change",
  "job revert": "Go back to an earlier version of a job",
  "job run": "Run a job, or a new version of it",
  "job status": "Show the jobs, or one of them",
  "job stop": "Stop a job",
  "job validate": "Check a job file",
  "mesh diff": "Show where a proxy holds something else than it should",
  "mesh explain": "Show the way of a request through the mesh, and why",
  "mesh status": "Show the proxies of the mesh",
  "node pool apply": "Make or change node pools",
  "node pool delete": "Delete a node pool",
  "node pool info": "Show a node pool",
  "node pool jobs": "List the jobs of a node pool",
  "node pool list": "List the node pools",
  "node pool nodes": "List the nodes of a node pool",
  "node status": "Show the nodes, or one of them",
  "peering delete": "Take a peering away, on both sides",
  "peering establish": "Make another mesh a peer, with its token",
  "peering exported-services": "List the services that a peer may call",
  "peering generate-token": "Make a token for another mesh",
  "peering list": "List the peers of the mesh",
  "peering read": "Show a peering",
  "proxy config": "Show what a running proxy holds",
  "scaling policy info": "Show a scaling policy",
  "scaling policy list": "List the scaling policies of jobs",
  "services deregister": "Take away a service that no job runs",
  "services register": "Register a service that no job runs",
  "kv delete": "Delete a key, or all that begin so",
  "kv get": "Show the value of a key",
  "kv put": "Write a key",
  "var get": "Show a variable, or one of its items",
  "var list": "List the variables",
  "var purge": "Delete a variable",
  "var put": "Write a variable",
  "deployment fail": "Give a deployment up",
  "deployment list": "List the deployments",
  "deployment pause": "Let a deployment rest",
  "deployment promote": "Let the canaries of a deployment stand",
  "deployment resume": "Let a paused deployment go on",
  "deployment status": "Show a deployment",
  "deployment unblock": "Let a blocked deployment go on",
  "eval delete": "Delete evaluations that are not needed any more",
  "eval list": "List the evaluations",
  "eval status": "Show an evaluation, and what stood in its way",
  "job allocs": "List the allocations of a job",
  "job deployments": "List the deployments of a job",
  "job dispatch": "Run a parameterized job once",
  "job eval": "Ask for an evaluation of a job",
  "job periodic force": "Launch a periodic job at once",
  "job promote": "Let the canaries of a job stand",
  "job restart": "Restart the tasks of a job",
  "job scale": "Change the count of a group",
  "job scaling-events": "Show how counts were changed",
  "job start": "Run a stopped job again",
  "node drain": "Empty a node",
  "node eligibility": "Let new allocations come to a node, or not",
  "operator root keyring list": "List the keys that sign the identities of tasks",
  "operator root keyring remove": "Remove a key that signs no more",
  "operator root keyring rotate": "Let a new key sign the identities of tasks",
  "operator scheduler get-config": "Show how the scheduler decides",
  "operator scheduler set-config": "Change how the scheduler decides",
  "system gc": "Forget what is over",
  version: "Show the version",
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

/** The command that the first words of a line name. */
export interface NamedCommand {
  readonly name: string;
  /** How many of the words are its name. */
  readonly words: number;
  /** The name of its file, less the ending. */
  readonly file: string;
}

export function findCommand(words: readonly string[]): NamedCommand | null {
  const named = (name: string, count: number) => ({ name, words: count, file: fileOf(name) });
  for (const count of [4, 3, 2, 1]) {
    const name = words.slice(0, count).join(" ");
    if (words.length >= count && Object.hasOwn(commands, name)) return named(name, count);
  }
  const [first = ""] = words;
  const alias = Object.hasOwn(aliases, first) ? aliases[first] : undefined;
  return alias === undefined ? null : named(alias, 1);
}

/** The name of a command's file, less the ending. */
export const fileOf = (name: string): string => name.replaceAll(" ", "-");

/** The group that the first word names, such as `job`; null when there is none. */
export function groupOf(words: readonly string[]): string | null {
  const [first] = words;
  return first !== undefined && Object.keys(commands).some((name) => name.startsWith(`${first} `))
    ? first
    : null;
}
