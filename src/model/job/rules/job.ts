import type { Rule } from "../../schema/check.ts";
import { advice, rule } from "../../schema/check.ts";
import { job, ui, versionTag } from "../job.ts";
import { repeated } from "./repeated.ts";

export const jobRules: readonly Rule[] = [
  rule(job, "ID", ({ ID }) => ID === "" && 'A job needs an ID: write it as the label, job "example" { … }.'),
  rule(job, "ID", ({ ID }) => ID.includes(" ") && `The ID ${JSON.stringify(ID)} contains a space.`),
  rule(job, "ID", ({ ID }) => ID.includes("\0") && "The ID contains a null character."),
  rule(job, "Name", ({ Name }) => Name.includes("\0") && "The name contains a null character."),
  rule(job, "Datacenters", ({ Datacenters }) =>
    Datacenters.flatMap((name, index) =>
      name === "" ? [{ at: ["Datacenters", index], detail: "A datacenter must be a non-empty string." }] : [],
    ),
  ),
  rule(
    job,
    "TaskGroups",
    ({ TaskGroups }) => TaskGroups.length === 0 && "Missing job task groups: write at least one group.",
  ),
  rule(job, "TaskGroups", ({ TaskGroups }) =>
    repeated(TaskGroups, "TaskGroups", ({ Name }) => Name, "group"),
  ),
  rule(
    job,
    "Affinities",
    ({ Type, Affinities }) =>
      Type === "system" &&
      Affinities.length > 0 &&
      "System jobs may not have an affinity: they run on every node.",
  ),
  rule(
    job,
    "Spreads",
    ({ Type, Spreads }) =>
      Type === "system" && Spreads.length > 0 && "System jobs may not have a spread: they run on every node.",
  ),
  rule(
    job,
    "Periodic",
    ({ Type, Periodic }) =>
      Periodic?.Enabled &&
      !isBatch(Type) &&
      `Periodic can only be used with "batch" or "sysbatch" jobs, not "${Type}".`,
  ),
  rule(
    job,
    "ParameterizedJob",
    ({ Type, ParameterizedJob }) =>
      ParameterizedJob !== null &&
      !isBatch(Type) &&
      `A parameterized job can only be of type "batch" or "sysbatch", not "${Type}".`,
  ),
  rule(ui, "Links", ({ Links }) =>
    Links.flatMap(({ URL }, index) =>
      URL === "" ? [{ at: ["Links", index], detail: "A link needs a url." }] : [],
    ),
  ),
  rule(
    versionTag,
    "Description",
    ({ Description }) => Description.length > 1000 && "A tag's description has at most 1000 characters.",
  ),
  advice(job, "TaskGroups", ({ TaskGroups }) => {
    const promoted = TaskGroups.filter(({ Update }) => Update?.AutoPromote).length;
    const canaries = TaskGroups.filter(({ Update }) => Update && Update.Canary > 0).length;
    return (
      promoted > 0 &&
      promoted < canaries &&
      "auto_promote must be true for all groups with canaries, or nothing is promoted on its own."
    );
  }),
];

export function isBatch(type: string): boolean {
  return type === "batch" || type === "sysbatch";
}
