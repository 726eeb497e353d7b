import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Milliseconds between two looks; after one in which nothing was done the agent counts as at rest. */
const LOOK = 3000;
/** Of a core, below which it does nothing worth the name. */
const REST = 0.02;
/** Bytes. To collect more would take so long that a change of the mesh could be late. */
const LARGEST_HEAP = 64 * 1024 * 1024;

/** What Node.js calls the collector with; the types know it only for programs that are started with --expose-gc. */
type Collect = (options: { readonly type: "major"; readonly flavor: "last-resort" }) => void;

/**
 * Gives memory back when work is over: V8 keeps the room that it has grown into, half as much again as an agent
 * needs, until it is asked for more. Once after each time of work, at rest, where the tenth of a second that it
 * takes is noticed by nobody. Gives the way to stop.
 */
export function giveBackSpareMemory(): () => void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as Collect;
  let hasWorked = true;
  let before = process.cpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    const isAtRest = (user + system) / 1000 < LOOK * REST;
    if (isAtRest && hasWorked && process.memoryUsage().heapUsed < LARGEST_HEAP) {
      collect({ type: "major", flavor: "last-resort" });
      before = process.cpuUsage();
    }
    hasWorked = !isAtRest;
  }, LOOK).unref();
  return () => clearInterval(timer);
}
