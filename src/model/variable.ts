/** A set of named texts at a path, for jobs to read. Field names are those of Nomad's API. */
export interface Variable {
  readonly Namespace: string;
  /** Such as `nomad/jobs/web`: tasks of a job read what is under its name without being given leave. */
  readonly Path: string;
  readonly Items: Readonly<Record<string, string>>;
  /** Nanoseconds since 1970. */
  readonly CreateTime: number;
  readonly ModifyTime: number;
}

const PATH = /^[a-zA-Z0-9\-_~/]{1,128}$/;
const LARGEST = 64 * 1024;

/** What is wrong with a variable, in words; null when it is fine. */
export function variableProblem({ Path, Items }: Pick<Variable, "Path" | "Items">): string | null {
  if (!PATH.test(Path))
    return `the path "${Path}" is not one: it has 1 to 128 letters, digits, "-", "_", "~" and "/"`;
  if (Path === "nomad" || (/^nomad\//.test(Path) && !/^nomad\/(jobs|job-templates)(\/|$)/.test(Path)))
    return `the path "${Path}" is reserved: below "nomad" there are only "nomad/jobs" and "nomad/job-templates"`;
  const entries = Object.entries(Items);
  if (entries.length === 0) return "a variable has at least one item";
  const size = entries.reduce((sum, [key, value]) => sum + key.length + Buffer.byteLength(value), 0);
  return size > LARGEST ? `its items have ${size} bytes; ${LARGEST} are allowed` : null;
}
