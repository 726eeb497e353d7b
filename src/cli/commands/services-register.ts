import { consulApi, consulFlags } from "../api-flags.ts";
import { CommandError, command } from "../command.ts";
import { readRegistrations } from "../registration-file.ts";

export default command({
  usage: "[path ...]",
  help: "Registers services from files in HCL or JSON (- reads standard input), or one by the flags. Each lives on the node of the agent that is asked.",
  flags: {
    ...consulFlags,
    id: { kind: "text", value: "id", default: "", doc: "The id; by default the name." },
    name: { kind: "text", value: "name", default: "", doc: "The service's name, in place of a file." },
    address: { kind: "text", value: "address", default: "", doc: "Where it is reached." },
    port: { kind: "integer", value: "port", default: 0, doc: "The port." },
    tag: { kind: "texts", value: "tag", doc: "A label. May be given several times." },
    meta: { kind: "texts", value: "key=value", doc: "A fact. May be given several times." },
  },
  arity: [0, Number.POSITIVE_INFINITY],
  async run({ flags, arguments: paths, terminal, signal }) {
    if ((flags.name === "") === (paths.length === 0)) {
      throw new CommandError("give either files or -name, which registers one service by the flags");
    }
    const files = await Promise.all(paths.map((path) => readRegistrations(path, terminal)));
    const services = paths.length > 0 ? files.flat() : [byFlags(flags)];
    for (const body of services) {
      await consulApi(flags).query("/v1/agent/service/register", { method: "PUT", body, signal });
      terminal.print(`Registered service: ${body.Name}`);
    }
    return 0;
  },
});

function byFlags(flags: {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tag: readonly string[];
  readonly meta: readonly string[];
}) {
  const Meta = Object.fromEntries(flags.meta.map(pair));
  return {
    ...{ ID: flags.id, Name: flags.name, Address: flags.address, Port: flags.port },
    ...{ Tags: [...flags.tag], Meta },
  };
}

function pair(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new CommandError(`-meta takes key=value, not "${text}"`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
