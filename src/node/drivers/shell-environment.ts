/** A command and the environment that it is started with. */
export interface Started {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What a shell takes for the name of a variable. */
const SHELL_NAME = /^[A-Za-z_]\w*$/;
const CARRIER = "YURT_VARIABLES";

/**
 * A shell does not pass on variables whose names it could not write itself, such as `spring.profile` or
 * `NOMAD_UPSTREAM_ADDR_count-api`. They go through it as the text of one that it does, which env(1) takes
 * apart behind it.
 */
export function throughShell({ command, environment }: Started): Started {
  const entries = Object.entries(environment);
  const held = entries.filter(([name]) => SHELL_NAME.test(name));
  if (held.length === entries.length) return { command, environment };
  const others = entries.filter(([name]) => !SHELL_NAME.test(name));
  const text = others.map(([name, value]) => quoted(`${name}=${value}`)).join(" ");
  return {
    command: ["/bin/sh", "-c", `exec /usr/bin/env -u ${CARRIER} -S "$${CARRIER}" "$@"`, "env", ...command],
    environment: { ...Object.fromEntries(held), [CARRIER]: text },
  };
}

/** As env(1) reads it: between single quotes only a backslash has a meaning. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
