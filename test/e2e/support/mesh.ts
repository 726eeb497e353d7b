import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { AllocationDetail, AllocationView } from "../../../src/cli/views.ts";
import type { TestAgent } from "./yurt.ts";

/** The newest allocation of a job that should run. */
export async function allocationOf(agent: TestAgent, job: string): Promise<AllocationDetail> {
  const all = await agent.get<AllocationView[]>(`/v1/job/${job}/allocations`);
  const wanted = all.find((allocation) => allocation.DesiredStatus === "run") ?? all[0];
  if (wanted === undefined) throw new Error(`job ${job} has no allocation`);
  return agent.get<AllocationDetail>(`/v1/allocation/${wanted.ID}`);
}

/** What became of one request: its status, or why there was no answer. */
export interface CallResult {
  readonly status: number | null;
  readonly error: string;
  /** Milliseconds since 1970, when it began and ended. */
  readonly begun: number;
  readonly ended: number;
}

/** Calls one address from inside an allocation's namespace, one request after the other. */
export interface Caller extends AsyncDisposable {
  /** One request on a connection of its own. */
  call(path?: string): Promise<CallResult>;
  /** One request on a connection that is kept. */
  callKept(path?: string): Promise<CallResult>;
}

/** Reads lines "<how> <path>", makes a request for each, answers a line of JSON. */
const SCRIPT = `
import http.client, json, sys, time
host, port = sys.argv[1], int(sys.argv[2])
kept = None
for line in sys.stdin:
    how, path = line.split()
    begun = time.time()
    try:
        if how == "kept":
            kept = kept or http.client.HTTPConnection(host, port, timeout=10)
            connection = kept
        else:
            connection = http.client.HTTPConnection(host, port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        status, error = answer.status, ""
        if how != "kept": connection.close()
    except Exception as problem:
        if how == "kept": kept = None
        status, error = None, repr(problem)
    print(json.dumps({"status": status, "error": error, "begun": begun * 1000, "ended": time.time() * 1000}), flush=True)
`;

export function callerIn(allocation: AllocationDetail, port: number, host = "127.0.0.1"): Caller {
  const words = ["netns", "exec", allocation.ID, "/usr/bin/python3", "-u", "-c", SCRIPT, host, String(port)];
  const child = spawn("ip", words, { stdio: ["pipe", "pipe", "inherit"] });
  const closed = new Promise((resolve) => child.once("close", resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  const ask = (how: string, path: string): Promise<CallResult> => {
    const answer = last.then(async () => {
      child.stdin.write(`${how} ${path}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("the caller ended");
      return JSON.parse(String(value)) as CallResult;
    });
    last = answer.catch(() => {});
    return answer;
  };
  return {
    call: (path = "/") => ask("new", path),
    callKept: (path = "/") => ask("kept", path),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await closed;
    },
  };
}
