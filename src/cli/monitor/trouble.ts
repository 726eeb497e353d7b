import type { Allocation, TaskEvent } from "#model/allocation.ts";
import { shortId } from "#model/id.ts";

/** Task events that a user who waits for a job wants to know of. */
const TROUBLE = new Set([
  "Driver Failure",
  "Setup Failure",
  "Failed Validation",
  "Terminated",
  "Not Restarting",
  "Restarting",
  "Sibling Task Failed",
  "Template Failed",
  "Warning",
]);

/** Tells each trouble of an allocation's tasks once. */
export class TroubleReport {
  readonly #told = new Set<string>();

  news(allocations: readonly Pick<Allocation, "ID" | "TaskStates">[]): string[] {
    return allocations.flatMap(({ ID, TaskStates }) =>
      Object.entries(TaskStates).flatMap(([task, { Events }]) =>
        Events.filter(
          (event) => isTrouble(event) && this.#isNew(`${ID} ${task} ${event.Time} ${event.Type}`),
        ).map(
          ({ Type, DisplayMessage }) =>
            `Allocation "${shortId(ID)}", task "${task}": ${Type}: ${DisplayMessage}`,
        ),
      ),
    );
  }

  #isNew(key: string): boolean {
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    return true;
  }
}

function isTrouble({ Type, Details }: TaskEvent): boolean {
  return TROUBLE.has(Type) && !(Type === "Terminated" && Details["exit_code"] === "0");
}
