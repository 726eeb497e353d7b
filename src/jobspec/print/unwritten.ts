import { canonicalize } from "#model/job/canonicalize.ts";
import { check } from "#model/job/check.ts";
import type { TaskGroup } from "#model/job/group.ts";
import { group } from "#model/job/group.ts";
import type { Job } from "#model/job/job.ts";
import { reschedule } from "#model/job/reschedule.ts";
import { task } from "#model/job/task.ts";
import { absent } from "#model/schema/canonical.ts";
import type { Schema } from "#model/schema/schema.ts";

/** The parts of an object, by their names. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a job says when nothing but its label and its type is written. */
export function unwrittenJob({ ID, Type }: Job): Fields {
  return { ...canonicalize({ ID, Type }), Type: "service" };
}

/** What a block says when nothing is written in it. `known` is what is there without the block. */
export function unwrittenBlock(schema: Schema, known: unknown, { ID, Type }: Job): Fields {
  const isReschedule = schema.kind === "object" && schema.fields === reschedule.fields;
  const unwritten =
    known ?? (isReschedule ? canonicalize({ ID, Type, Reschedule: {} }).Reschedule : absent(schema));
  return unwritten as Fields;
}

/** What one item of a list says when nothing is written in it, where it stands in `parent`. */
export function unwrittenItem(schema: Schema, item: Fields, parent: Fields, job: Job): Fields {
  if (schema.kind !== "object") return {};
  switch (schema.fields) {
    case group.fields:
      return unwrittenGroup(job, item as unknown as TaskGroup);
    case task.fields:
      return unwrittenTask(job, parent as unknown as TaskGroup);
    case check.fields:
      return { ...(absent(schema) as Fields), OnUpdate: parent["OnUpdate"] };
    default:
      return absent(schema) as Fields;
  }
}

/** A group takes its policies from the job, and its count from its scaling. */
function unwrittenGroup(
  { ID, Type, Update, Reschedule, Migrate }: Job,
  { Name, Scaling }: TaskGroup,
): Fields {
  const [bare] = canonicalize({
    ID,
    Type,
    Update,
    Reschedule,
    Migrate,
    TaskGroups: [{ Name, Scaling }],
  }).TaskGroups;
  return { ...bare, Scaling: null };
}

/** A task takes its restart policy from its group. */
function unwrittenTask({ ID, Type }: Job, { Name, RestartPolicy }: TaskGroup): Fields {
  const [bare] = canonicalize({ ID, Type, TaskGroups: [{ Name, RestartPolicy, Tasks: [{}] }] }).TaskGroups;
  return { ...bare?.Tasks[0] };
}
