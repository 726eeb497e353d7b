import type { Rule } from "../../schema/check.ts";
import { advice, rule } from "../../schema/check.ts";
import { group } from "../group.ts";
import { job } from "../job.ts";
import { scaling } from "../scaling.ts";
import { isBatch } from "./job.ts";
import { repeated } from "./repeated.ts";

export const groupRules: readonly Rule[] = [
  rule(group, null, ({ Name }) => Name.includes("\0") && "The group's name contains a null character."),
  rule(
    group,
    "Tasks",
    ({ Tasks, Name }) => Tasks.length === 0 && `Missing tasks for task group ${JSON.stringify(Name)}.`,
  ),
  rule(group, "Tasks", ({ Tasks }) => repeated(Tasks, "Tasks", ({ Name }) => Name, "task")),
  rule(
    group,
    "Tasks",
    ({ Tasks }) =>
      Tasks.filter(({ Leader }) => Leader).length > 1 && "Only one task may be marked as leader.",
  ),
  rule(
    group,
    "Tasks",
    ({ Tasks, Name }) =>
      Tasks.length > 0 &&
      Tasks.every(({ Lifecycle }) => Lifecycle !== null) &&
      `Task group ${JSON.stringify(Name)} must have at least one main task, which is one without a lifecycle.`,
  ),
  rule(
    group,
    "Count",
    ({ Count }, place) =>
      place.around(job)?.Type === "system" &&
      Count > 1 &&
      `Count cannot exceed 1 in a system job, but is ${Count}.`,
  ),
  rule(
    group,
    "Affinities",
    ({ Affinities }, place) =>
      place.around(job)?.Type === "system" &&
      Affinities.length > 0 &&
      "System jobs may not have an affinity: they run on every node.",
  ),
  rule(
    group,
    "Spreads",
    ({ Spreads }, place) =>
      place.around(job)?.Type === "system" &&
      Spreads.length > 0 &&
      "System jobs may not have a spread: they run on every node.",
  ),
  rule(group, "MaxRunDuration", ({ MaxRunDuration }, place) => {
    const type = place.around(job)?.Type ?? "";
    return (
      MaxRunDuration !== null && !isBatch(type) && `A job of type "${type}" does not allow max_run_duration.`
    );
  }),
  rule(
    group,
    "MaxRunDuration",
    ({ MaxRunDuration }) =>
      MaxRunDuration !== null && MaxRunDuration <= 0 && "max_run_duration must be greater than zero.",
  ),
  rule(
    group,
    "Services",
    (value) =>
      providers(value).size > 1 &&
      "Multiple service providers used: all services of a group must use the same.",
  ),
  rule(group, "Services", (value) => {
    const names = servicesOf(value).map(
      ({ service, task }) => `${task}→${service.Name}:${service.PortLabel}`,
    );
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    return (
      twice !== undefined &&
      `Services are not unique: name, task and port of two services are the same (${twice}).`
    );
  }),
  rule(
    group,
    "Scaling",
    ({ Scaling, Count }) =>
      Scaling?.Max != null &&
      Count > Scaling.Max &&
      `The count, ${Count}, must not be greater than the scaling maximum, ${Scaling.Max}.`,
  ),
  rule(
    group,
    "Scaling",
    ({ Scaling, Count }) =>
      Scaling?.Min != null &&
      Count < Scaling.Min &&
      `The count, ${Count}, must not be less than the scaling minimum, ${Scaling.Min}.`,
  ),
  rule(scaling, "Max", ({ Max }) => Max === null && "The maximum count must be given."),
  rule(
    scaling,
    "Max",
    ({ Min, Max }) =>
      Min !== null &&
      Max !== null &&
      Max < Min &&
      `The maximum count, ${Max}, must not be less than the minimum, ${Min}.`,
  ),
  advice(
    group,
    "Update",
    ({ Update, Count }) =>
      Update !== null &&
      Count > 1 &&
      Update.MaxParallel > Count &&
      `max_parallel, ${Update.MaxParallel}, is greater than the count, ${Count}: a change replaces all allocations at once.`,
  ),
];

type Group = NonNullable<Parameters<typeof servicesOf>[0]>;

function servicesOf({ Services, Tasks }: import("../group.ts").TaskGroup) {
  return [
    ...Services.map((service) => ({ service, task: "group" })),
    ...Tasks.flatMap((task) => task.Services.map((service) => ({ service, task: task.Name }))),
  ];
}

function providers(value: Group): Set<string> {
  return new Set(servicesOf(value).map(({ service }) => service.Provider));
}
