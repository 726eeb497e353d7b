import { createHash } from "node:crypto";
import { readFileSync, realpathSync, statSync } from "node:fs";
import type { TemplateInstance, TemplateQuery } from "#model/template-data.ts";
import type { TemplateFunctions } from "#template/execute.ts";
import { text } from "#template/functions/arguments.ts";
import type { Value } from "#template/value.ts";
import type { DataSource } from "./data-source.ts";

/** What a template's functions find around it. */
export interface Surroundings {
  readonly source: DataSource;
  readonly environment: Readonly<Record<string, string>>;
  readonly namespace: string;
  /** The services of the task's group: whose certificates it may have. */
  readonly ownServices: readonly string[];
  /** Where on the host a file of the task is; throws when the path leads elsewhere. */
  readonly fileAt: (path: string) => string;
}

const LARGEST_FILE = 16 * 1024 * 1024;

/**
 * Functions that ask the servers, or the task's surroundings. `missing` is told of everything that is not there
 * (yet): with such a gap a template is not written.
 */
export function dataFunctions(around: Surroundings, missing: (what: string) => void): TemplateFunctions {
  const { source, environment } = around;
  const wait = <Answer>(answer: Answer | null | undefined, what: string, empty: Value): Answer | Value => {
    if (answer !== undefined && answer !== null) return answer;
    missing(what);
    return empty;
  };
  const ask = <Query extends TemplateQuery>(query: Query, what: string) => {
    const answer = source.ask(query);
    if (answer === undefined) missing(what);
    return answer;
  };
  const keysBelow = (prefix: string, isDeep: boolean) =>
    (ask({ kind: "keys", prefix: folder(prefix) }, `keys below "${prefix}"`) ?? [])
      .map(({ key, value, flags }) => pair(key, value, flags, folder(prefix)))
      .filter(({ Key }) => Key !== "" && (isDeep || !Key.includes("/")));
  const variable = (path: string) =>
    ({ kind: "variable", ...withNamespace(path, around.namespace) }) as const;
  const instances = (kind: "service" | "connect" | "nomad service", values: readonly Value[]) => {
    const wanted = readServiceQuery(text(values[0]), values.slice(1).map(text));
    const { name, datacenter } = wanted;
    const found =
      kind === "nomad service" || datacenter === null
        ? ask({ kind, name }, `${kind} "${name}"`)
        : ask({ kind, name, datacenter }, `${kind} "${name}" of datacenter "${datacenter}"`);
    return (found ?? [])
      .filter((instance) => matches(instance, wanted))
      .map(kind === "nomad service" ? registration : instanceValue);
  };
  return {
    key: (key) => wait(ask({ kind: "key", key: text(key) }, `key "${text(key)}"`), `key "${text(key)}"`, ""),
    keyExists: (key) => (ask({ kind: "key", key: text(key) }, `key "${text(key)}"`) ?? null) !== null,
    keyOrDefault: (key, fallback) => ask({ kind: "key", key: text(key) }, `key "${text(key)}"`) || fallback,
    ls: (prefix) => keysBelow(text(prefix), false),
    safeLs: (prefix) => keysBelow(text(prefix), false),
    tree: (prefix) => keysBelow(text(prefix), true),
    safeTree: (prefix) => keysBelow(text(prefix), true),
    service: (...values) => instances("service", values),
    connect: (...values) => instances("connect", values),
    services: () =>
      (ask({ kind: "services" }, "services") ?? []).map(({ name, tags }) => ({ Name: name, Tags: tags })),
    nomadServices: () =>
      (ask({ kind: "nomad services" }, "services") ?? []).map(({ name, tags }) => ({
        Name: name,
        Tags: tags,
      })),
    nomadService: (...values) => {
      if (values.length < 3) return instances("nomad service", values);
      return chosen(instances("nomad service", values.slice(2)), Number(values[0]), text(values[1]));
    },
    nomadVar: (path) => {
      const items = wait(
        ask(variable(text(path)), `variable "${text(path)}"`),
        `variable "${text(path)}"`,
        {},
      );
      return new Map(Object.entries(items as Record<string, string>));
    },
    nomadVarExists: (path) => (ask(variable(text(path)), `variable "${text(path)}"`) ?? null) !== null,
    nomadVarList: (prefix = "") => variableList(prefix),
    nomadVarListSafe: (prefix = "") => variableList(prefix),
    caRoots: () =>
      (ask({ kind: "roots" }, "the mesh's root certificates") ?? []).map(({ name, pem, isActive }) => ({
        ...{ Name: name, RootCertPEM: pem, Active: isActive },
      })),
    caLeaf: (name) => {
      const service = text(name);
      if (!around.ownServices.includes(service))
        throw new Error(
          `"${service}" is no service of the task's group: it gets the certificates of its own only`,
        );
      const leaf = wait(ask({ kind: "leaf", service }, `a certificate for "${service}"`), "", null);
      return leaf === null
        ? { CertPEM: "", PrivateKeyPEM: "", Service: service }
        : { ...(leaf as object), Service: service };
    },
    env: (name) => environment[text(name)] ?? "",
    envOrDefault: (name, fallback) => environment[text(name)] || fallback,
    mustEnv: (name) => {
      const value = environment[text(name)];
      if (value === undefined) throw new Error(`the variable ${text(name)} is not set`);
      return value;
    },
    file: (path) => readTaskFile(around.fileAt(text(path)), text(path)),
    ...refused("Vault is not used here. Keep it in a variable (yurt var put) and read that with nomadVar", [
      "secret",
      "secrets",
      "pkiCert",
    ]),
    ...refused("programs are not run and files not written while a template is carried out", [
      "plugin",
      "writeToFile",
    ]),
  };

  function variableList(prefix: Value): Value {
    const { path, namespace } = withNamespace(text(prefix), around.namespace);
    const found = ask({ kind: "variables", prefix: path, namespace }, "variables") ?? [];
    return found.map((each) => ({ Path: each.path, Namespace: each.namespace }));
  }
}

function refused(why: string, names: readonly string[]): TemplateFunctions {
  const refuse = () => {
    throw new Error(why);
  };
  return Object.fromEntries(names.map((name) => [name, refuse]));
}

function folder(prefix: string): string {
  return prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
}

function pair(path: string, value: string, flags: number, prefix: string) {
  return { Path: path, Key: path.slice(prefix.length), Value: value, Flags: flags };
}

function withNamespace(path: string, namespace: string): { path: string; namespace: string } {
  const [name = "", other] = path.split("@");
  return { path: name, namespace: other ?? namespace };
}

interface ServiceQuery {
  readonly name: string;
  readonly tag: string | null;
  readonly datacenter: string | null;
  /** `any`, or the statuses that count. */
  readonly statuses: readonly string[];
}

/** `[tag.]name[@datacenter][~near][|status,…]`. Nearness means nothing here. */
function readServiceQuery(query: string, options: readonly string[]): ServiceQuery {
  const [address = "", statuses] = query.split("|");
  const [service = ""] = address.split(/[@~]/);
  const datacenter = /@([^~]+)/.exec(address)?.[1] ?? null;
  const dot = service.lastIndexOf(".");
  const given = [...(statuses?.split(",") ?? []), ...options.flatMap((option) => option.split(","))];
  const named = given.map((status) => status.trim()).filter((status) => STATUSES.includes(status));
  return {
    name: service.slice(dot + 1),
    tag: dot < 0 ? null : service.slice(0, dot),
    datacenter,
    statuses: named.length > 0 ? named : ["passing"],
  };
}

const STATUSES: readonly string[] = ["any", "passing", "warning", "critical", "maintenance"];

function matches({ tags, status }: TemplateInstance, { tag, statuses }: ServiceQuery): boolean {
  return (tag === null || tags.includes(tag)) && (statuses.includes("any") || statuses.includes(status));
}

/** Field names are those of consul-template. */
function instanceValue(instance: TemplateInstance): Value {
  return {
    ID: instance.id,
    Name: instance.name,
    Node: instance.node,
    NodeID: instance.nodeId,
    NodeAddress: instance.nodeAddress,
    NodeDatacenter: instance.datacenter,
    Address: instance.address,
    Port: instance.port,
    Tags: instance.tags,
    ServiceMeta: new Map(Object.entries(instance.meta)),
    Status: instance.status,
    Weights: { Passing: instance.weights.passing, Warning: instance.weights.warning },
  };
}

function registration(instance: TemplateInstance): Value {
  return {
    ID: instance.id,
    Name: instance.name,
    Node: instance.nodeId,
    Address: instance.address,
    Port: instance.port,
    Datacenter: instance.datacenter,
    Tags: instance.tags,
    JobID: instance.jobId,
    AllocID: instance.allocationId,
  };
}

/** The same few for the same key, and few others when an instance comes or goes (rendezvous hashing). */
function chosen(found: readonly Value[], count: number, key: string): Value {
  const weight = (value: Value) =>
    createHash("sha256")
      .update(`${key} ${JSON.stringify(value)}`)
      .digest("hex");
  return [...found].sort((a, b) => (weight(a) < weight(b) ? -1 : 1)).slice(0, count);
}

function readTaskFile(path: string, shown: string): string {
  try {
    if (statSync(path).size > LARGEST_FILE) throw new Error("it is longer than 16 MB");
    return readFileSync(realpathSync(path), "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`"${shown}" cannot be read: ${code === "ENOENT" ? "there is no such file" : message}`);
  }
}
