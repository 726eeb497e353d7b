import type { Json } from "#model/schema/schema.ts";
import { StartError } from "./driver.ts";

/** The `config` block of `exec` and `raw_exec`. */
export interface CommandConfig {
  readonly command: string;
  readonly args: readonly string[];
  /** Where the command starts; null for the driver's own choice. */
  readonly workDir: string | null;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
}

/** Throws a {@link StartError} that names the key and what was expected. */
export function readCommandConfig(config: Readonly<Record<string, Json>>): CommandConfig {
  const unknown = Object.keys(config).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw new StartError(`config: "${unknown}" is not known to this driver (known: ${KEYS.join(", ")})`);
  }
  const command = config["command"];
  if (typeof command !== "string" || command === "") {
    throw new StartError(`config: "command" is missing: give the program that the task runs`);
  }
  return {
    command,
    args: words(config, "args"),
    workDir: typeof config["work_dir"] === "string" ? config["work_dir"] : null,
    capAdd: words(config, "cap_add"),
    capDrop: words(config, "cap_drop"),
  };
}

const KEYS: readonly string[] = ["command", "args", "work_dir", "cap_add", "cap_drop"];

function words(config: Readonly<Record<string, Json>>, key: string): string[] {
  const value = config[key] ?? [];
  const isText = (word: unknown) => ["string", "number", "boolean"].includes(typeof word);
  if (!Array.isArray(value) || !value.every(isText)) {
    throw new StartError(`config: "${key}" must be a list of texts`);
  }
  return value.map(String);
}
