import type { Affinity } from "#model/job/constraint.ts";
import type { TaskGroup } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import type { SchedulerConfiguration } from "#model/scheduler-configuration.ts";
import type { Machine } from "./cluster.ts";
import { isAboutOneNode, meets } from "./constraint.ts";
import type { Amounts } from "./usage.ts";

/** How well a node suits a group by itself, whatever else is placed; higher is better. */
export class Score {
  readonly #isSpread: boolean;
  readonly #count: number;
  readonly #affinities: readonly Affinity[];
  readonly #weights: number;
  readonly #isShared: boolean;
  readonly #known = new Map<string, number>();

  constructor(job: Job, group: TaskGroup, { SchedulerAlgorithm }: SchedulerConfiguration) {
    this.#isSpread = SchedulerAlgorithm === "spread";
    this.#count = Math.max(1, group.Count);
    this.#affinities = [
      ...job.Affinities,
      ...group.Affinities,
      ...group.Tasks.flatMap((task) => task.Affinities),
    ];
    this.#weights = this.#affinities.reduce((sum, { Weight }) => sum + Math.abs(Weight), 0);
    this.#isShared = !this.#affinities.some(isAboutOneNode);
  }

  /** `collisions`: how many of the same group are there already. */
  of(machine: Machine, need: Amounts, collisions: number): number {
    const crowding = collisions === 0 ? 0 : (collisions + 1) / this.#count;
    return this.#fullness(machine, need) - crowding + this.#affinity(machine);
  }

  /**
   * From 0 to 1: how full the node would be, or with the algorithm `spread` how empty. By the formula with which
   * Nomad packs its nodes (Google's BestFit v3).
   */
  #fullness({ capacity, usage }: Machine, need: Amounts): number {
    const free = (dimension: "cpu" | "memory") =>
      capacity[dimension] <= 0 ? 0 : 1 - (usage[dimension] + need[dimension]) / capacity[dimension];
    const emptiness = (10 ** free("cpu") + 10 ** free("memory") - 2) / 18;
    return this.#isSpread ? emptiness : 1 - emptiness;
  }

  #affinity({ node, profile }: Machine): number {
    if (this.#affinities.length === 0) return 0;
    const known = this.#isShared ? this.#known.get(profile) : undefined;
    if (known !== undefined) return known;
    const met = this.#affinities.filter((affinity) => meets(node, affinity));
    const score = met.reduce((sum, { Weight }) => sum + Weight, 0) / this.#weights;
    this.#known.set(profile, score);
    return score;
  }
}
