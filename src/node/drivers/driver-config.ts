import type { Json } from "#model/schema/schema.ts";
import { ConfigReader } from "./config-reader.ts";

/** The `config` block of `exec` and `raw_exec`. */
export interface CommandConfig {
  readonly command: string;
  readonly args: readonly string[];
  /** Where the command starts; null for the driver's own choice. */
  readonly workDir: string | null;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
}

/** Throws a StartError that names the key and what was expected. */
export function readCommandConfig(config: Readonly<Record<string, Json>>): CommandConfig {
  const reader = new ConfigReader(config);
  const read: CommandConfig = {
    command: reader.text("command") ?? "",
    args: reader.texts("args"),
    workDir: reader.text("work_dir"),
    capAdd: reader.texts("cap_add"),
    capDrop: reader.texts("cap_drop"),
  };
  reader.finish();
  if (read.command === "") throw reader.error("command", "is missing: give the program that the task runs");
  return read;
}
