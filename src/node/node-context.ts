import type { Log } from "#model/log.ts";
import type { Node } from "#model/node.ts";
import type { Driver } from "./drivers/driver.ts";
import type { NodeState } from "./host/node-state.ts";
import type { Turns } from "./host/turns.ts";
import type { BridgeNetwork } from "./network/bridge-network.ts";
import type { CheckUpdate, ServerLink } from "./server-link.ts";
import type { Cores } from "./task/cores.ts";

/** What the allocations of a node share. */
export interface NodeContext {
  readonly node: Node;
  readonly dataFolder: string;
  /** The control group that holds those of all tasks. */
  readonly controlGroup: string;
  readonly drivers: Readonly<Record<string, Driver>>;
  /** Null where no bridge can be made; the scheduler then sends no allocation that needs one. */
  readonly bridge: BridgeNetwork | null;
  readonly envoyBinary: string;
  /** The environment of the agent, from which tasks get a part. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly state: NodeState;
  /** Allocations come into being in turn: all at once they would be no sooner there, and the agent busy with nothing else. */
  readonly turns: Turns;
  readonly cores: Cores;
  readonly link: ServerLink;
  /** Reaches the servers soon, in order, and however often it must be tried. */
  readonly reportCheck: (update: CheckUpdate) => void;
  readonly log: Log;
}
