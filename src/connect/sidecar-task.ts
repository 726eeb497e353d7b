import type { SidecarTask } from "#model/job/connect.ts";
import { readProxyKind } from "#model/job/proxy-kind.ts";
import type { Task } from "#model/job/task.ts";
import type { Json } from "#model/schema/schema.ts";
import { proxyConfig } from "./proxy-task.ts";

/**
 * Lays a `sidecar_task` over the task that runs the Envoy. What it does not give stays as it is; another
 * driver begins with what it needs to run an Envoy, and `config` merges by key; `env` and `meta` merge; the rest is
 * replaced.
 */
export function applySidecarTask(task: Task, override: SidecarTask | null): Task {
  if (override === null) return task;
  const driver = override.Driver || task.Driver;
  const meta = { ...task.Meta, ...override.Meta };
  return {
    ...task,
    Name: override.Name || task.Name,
    Driver: driver,
    User: override.User || task.User,
    Config: withSettings(mergedConfig(task, driver, override.Config), meta),
    Env: { ...task.Env, ...override.Env },
    Meta: meta,
    Resources: { ...task.Resources, ...given(override.Resources ?? {}) },
    LogConfig: { ...task.LogConfig, ...given(override.LogConfig ?? {}) },
    KillTimeout: override.KillTimeout ?? task.KillTimeout,
    KillSignal: override.KillSignal || task.KillSignal,
    ShutdownDelay: override.ShutdownDelay ?? task.ShutdownDelay,
    VolumeMounts: override.VolumeMounts.length > 0 ? override.VolumeMounts : task.VolumeMounts,
    Identities: override.Identities.length > 0 ? override.Identities : task.Identities,
  };
}

type Config = Task["Config"];

/** `exec` and `raw_exec` run the same binary with the same arguments. */
const SAME_CONFIG: readonly string[] = ["exec", "raw_exec"];

function mergedConfig(task: Task, driver: string, override: Config): Config {
  const alike = driver === task.Driver || (SAME_CONFIG.includes(driver) && SAME_CONFIG.includes(task.Driver));
  return {
    ...(alike ? task.Config : proxyConfig(driver, readProxyKind(task.Kind)?.role ?? "proxy")),
    ...override,
  };
}

/** Settings of the node that a sidecar's own `meta` may give in their place. */
const SETTINGS = ["connect.log_level", "connect.proxy_concurrency"] as const;

function withSettings(config: Config, meta: Readonly<Record<string, string>>): Config {
  const replaced = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(replaced);
    const setting = SETTINGS.find((name) => value === `\${meta.${name}}`);
    return (setting && meta[setting]) ?? value;
  };
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, replaced(value)]));
}

function given<Value extends object>(value: Value): { [Key in keyof Value]: NonNullable<Value[Key]> } {
  const entries = Object.entries(value).filter(([, part]) => part !== null);
  return Object.fromEntries(entries) as { [Key in keyof Value]: NonNullable<Value[Key]> };
}
