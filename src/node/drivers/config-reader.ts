import { millisecond, parseDuration } from "#model/schema/duration.ts";
import type { Json } from "#model/schema/schema.ts";
import { StartError } from "./driver.ts";

type Config = Readonly<Record<string, Json>>;

/**
 * Reads the `config` block of a driver: each key once, and at the end {@link ConfigReader.finish} finds those
 * that nobody asked for. Throws a {@link StartError} that names the key and what was expected.
 */
export class ConfigReader {
  readonly #config: Config;
  readonly #path: string;
  readonly #known = new Set<string>();

  constructor(config: Config, path = "config") {
    this.#config = config;
    this.#path = path;
  }

  text(key: string): string | null {
    const value = this.#take(key);
    return value === undefined ? null : this.#word(key, value, "a text");
  }

  texts(key: string): string[] {
    const value = this.#take(key) ?? [];
    if (!Array.isArray(value)) throw this.error(key, "must be a list of texts");
    return value.map((each) => this.#word(key, each, "a list of texts"));
  }

  /** One text stands for a list of one. */
  textOrTexts(key: string): string[] {
    return Array.isArray(this.#config[key]) ? this.texts(key) : [this.text(key) ?? []].flat();
  }

  /** Null when it is not given: the driver's own choice then holds. */
  flag(key: string): boolean | null {
    const value = this.#take(key);
    if (value === undefined) return null;
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    throw this.error(key, "must be true or false");
  }

  number(key: string): number | null {
    const value = this.#take(key);
    if (value === undefined) return null;
    const number = typeof value === "string" && value !== "" ? Number(value) : value;
    if (typeof number !== "number" || !Number.isFinite(number)) throw this.error(key, "must be a number");
    return number;
  }

  /** Milliseconds. */
  duration(key: string): number | null {
    const text = this.text(key);
    if (text === null) return null;
    const nanoseconds = parseDuration(text);
    if (nanoseconds === null) throw this.error(key, 'must be a duration such as "30s"');
    return nanoseconds / millisecond;
  }

  /** Texts by free names. A block arrives as a list of one object; several are laid over one another. */
  map(key: string): Record<string, string> {
    const entries = this.#objects(key).flatMap(Object.entries<Json>);
    return Object.fromEntries(
      entries.map(([name, value]) => [name, this.#word(key, value, "texts by name")]),
    );
  }

  /** Blocks, each to be read on; finished by this reader's own {@link ConfigReader.finish}. */
  blocks<Result>(key: string, read: (block: ConfigReader) => Result): Result[] {
    return this.#objects(key).map((config) => {
      const block = new ConfigReader(config, `${this.#path}.${key}`);
      const result = read(block);
      block.finish();
      return result;
    });
  }

  finish(): void {
    const unknown = Object.keys(this.#config).find((key) => !this.#known.has(key));
    if (unknown === undefined) return;
    const known = [...this.#known].sort().join(", ");
    throw new StartError(`${this.#path}: "${unknown}" is not known to this driver (known: ${known})`);
  }

  error(key: string, problem: string): StartError {
    return new StartError(`${this.#path}: "${key}" ${problem}`);
  }

  #take(key: string): Json | undefined {
    this.#known.add(key);
    return this.#config[key] ?? undefined;
  }

  #objects(key: string): Record<string, Json>[] {
    const value = this.#take(key) ?? [];
    const list = Array.isArray(value) ? value : [value];
    return list.map((each) => {
      if (typeof each !== "object" || each === null || Array.isArray(each))
        throw this.error(key, "must be a block");
      return each;
    });
  }

  #word(key: string, value: Json, expected: string): string {
    if (!["string", "number", "boolean"].includes(typeof value)) throw this.error(key, `must be ${expected}`);
    return String(value);
  }
}
