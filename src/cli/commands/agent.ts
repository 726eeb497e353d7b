import { Agent, type AgentSummary } from "#agent/agent.ts";
import { type LogLevel, newLog } from "#model/log.ts";
import { agentFlags } from "../agent/flags.ts";
import { agentOptions, oneOf } from "../agent/options.ts";
import { command } from "../command.ts";
import { properties } from "../table.ts";
import { packageVersion } from "../version.ts";

/** Milliseconds. */
const LINGER = 200;

export default command({
  usage: "",
  help: "Runs a server and a node in one process until it is interrupted. With -dev all state is temporary and goes with it; with -data-dir it is kept, and a new start takes over what still runs.",
  flags: agentFlags,
  arity: [0, 0],
  outlivesReader: true,
  async run({ flags, terminal, signal }) {
    const options = agentOptions(flags);
    const log = newLog({
      level: oneOf<LogLevel>("log-level", flags["log-level"], ["trace", "debug", "info", "warn", "error"]),
      json: flags["log-json"],
      colour: terminal.interactive && process.env["NO_COLOR"] === undefined && !flags["no-color"],
      write: (line) => void process.stdout.write(line),
    });
    // Whatever goes wrong with one allocation or one request must not end the others.
    process.on("unhandledRejection", (error) => log.error("an internal fault", { error }));
    terminal.print("==> Yurt agent starts");
    const agent = await Agent.start({ ...options, version: packageVersion(), log });
    terminal.print(
      ...described(agent.summary, options.defaultPolicy, options.dataDir === null),
      "==> Yurt agent is ready. Log follows:",
      "",
    );
    await interrupted(signal);
    terminal.print("==> Yurt agent stops: ending every task");
    await agent.stop();
    // Whoever keeps its half of a connection open does not keep the process.
    setTimeout(() => process.exit(), LINGER).unref();
    return 0;
  },
});

function described(summary: AgentSummary, policy: string, isTemporary: boolean): string[] {
  return properties([
    ["HTTP, Nomad's routes", summary.httpAddress],
    ["HTTP, Consul's routes", summary.consulHttpAddress],
    ["State", `${summary.dataDir}${isTemporary ? " (goes with the agent)" : ""}`],
    ["Envoy", `${summary.envoy} ${summary.envoyVersion}`],
    ["Unmatched requests", policy === "allow" ? "allowed" : "denied, until an intention allows them"],
  ]).map((line) => `    ${line}`);
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}
