import { cronProblem } from "../../cron.ts";
import type { Place, Rule } from "../../schema/check.ts";
import { rule } from "../../schema/check.ts";
import { formatDuration, second } from "../../schema/duration.ts";
import { disconnect } from "../disconnect.ts";
import { group } from "../group.ts";
import { job } from "../job.ts";
import { migrate } from "../migrate.ts";
import { parameterized, periodic } from "../periodic.ts";
import type { ReschedulePolicy } from "../reschedule.ts";
import { reschedule } from "../reschedule.ts";
import { restart } from "../restart.ts";
import { update } from "../update.ts";

const shown = formatDuration;

/** How work is restarted, replaced, updated, moved and launched. */
export const policyRules: readonly Rule[] = [
  rule(
    restart,
    "Attempts",
    ({ Attempts, Mode }) =>
      Attempts === 0 &&
      Mode !== "fail" &&
      `A restart policy of mode ${JSON.stringify(Mode)} with 0 attempts is ambiguous.`,
  ),
  rule(
    restart,
    "Interval",
    ({ Attempts, Delay, Interval }) =>
      Attempts * Delay > Interval &&
      `${Attempts} restarts with a delay of ${shown(Delay)} do not fit into an interval of ${shown(Interval)}.`,
  ),
  rule(
    group,
    "ReschedulePolicy",
    ({ ReschedulePolicy }, place) =>
      ReschedulePolicy !== null &&
      isSystem(place) &&
      "System or sysbatch jobs should not have a reschedule policy.",
  ),
  ...rescheduleRules(),
  rule(group, "Update", ({ Update }, place) => {
    const type = place.around(job)?.Type ?? "";
    return (
      Update !== null &&
      !["service", "system"].includes(type) &&
      `Job type "${type}" does not allow update block.`
    );
  }),
  rule(
    update,
    "AutoPromote",
    ({ AutoPromote, Canary }) =>
      AutoPromote && Canary === 0 && "auto_promote requires a canary count greater than zero.",
  ),
  rule(
    update,
    "HealthyDeadline",
    ({ HealthyDeadline }) => HealthyDeadline <= 0 && "healthy_deadline must be greater than zero.",
  ),
  rule(update, "Stagger", ({ Stagger }) => Stagger <= 0 && "stagger must be greater than zero."),
  rule(
    update,
    "MinHealthyTime",
    ({ MinHealthyTime, HealthyDeadline }) =>
      MinHealthyTime >= HealthyDeadline &&
      `min_healthy_time (${shown(MinHealthyTime)}) must be less than healthy_deadline (${shown(HealthyDeadline)}).`,
  ),
  rule(
    update,
    "HealthyDeadline",
    ({ HealthyDeadline, ProgressDeadline }) =>
      ProgressDeadline !== 0 &&
      HealthyDeadline >= ProgressDeadline &&
      `healthy_deadline (${shown(HealthyDeadline)}) must be less than progress_deadline (${shown(ProgressDeadline)}).`,
  ),
  rule(group, "Migrate", ({ Migrate }, place) => {
    const type = place.around(job)?.Type ?? "";
    return Migrate !== null && type !== "service" && `Job type "${type}" does not allow migrate block.`;
  }),
  rule(
    migrate,
    "MinHealthyTime",
    ({ MinHealthyTime }) => MinHealthyTime < 0 && "min_healthy_time must be at least zero.",
  ),
  rule(
    migrate,
    "HealthyDeadline",
    ({ HealthyDeadline }) => HealthyDeadline < 0 && "healthy_deadline must be at least zero.",
  ),
  rule(
    migrate,
    "MinHealthyTime",
    ({ MinHealthyTime, HealthyDeadline }) =>
      MinHealthyTime > HealthyDeadline && "min_healthy_time must be less than healthy_deadline.",
  ),
  rule(disconnect, "LostAfter", ({ LostAfter }) => LostAfter < 0 && "lost_after cannot be negative."),
  rule(
    disconnect,
    "StopOnClientAfter",
    ({ StopOnClientAfter }) => (StopOnClientAfter ?? 0) < 0 && "stop_on_client_after cannot be negative.",
  ),
  rule(
    disconnect,
    "StopOnClientAfter",
    ({ StopOnClientAfter, LostAfter }) =>
      StopOnClientAfter !== null &&
      LostAfter !== 0 &&
      "stop_on_client_after and lost_after exclude one another.",
  ),
  rule(
    disconnect,
    "StopOnClientAfter",
    ({ StopOnClientAfter }, place) =>
      StopOnClientAfter !== null &&
      !["service", "batch"].includes(place.around(job)?.Type ?? "") &&
      "stop_on_client_after can only be used by service and batch jobs.",
  ),
  ...periodicRules(),
  rule(parameterized, "MetaOptional", ({ MetaRequired, MetaOptional }) => {
    const both = MetaRequired.filter((key) => MetaOptional.includes(key));
    return both.length > 0 && `Keys cannot be both required and optional: ${both.join(", ")}.`;
  }),
];

const leastDelay = 5 * second;
const leastInterval = 15 * second;

/** Of a policy that no job of its type may have, that is all there is to say. */
function isUsed({ Attempts, Unlimited }: ReschedulePolicy, place: Place): boolean {
  return (Unlimited || Attempts > 0) && !isSystem(place);
}

function isSystem(place: Place): boolean {
  return /^sys/.test(place.around(job)?.Type ?? "");
}

function rescheduleRules(): Rule[] {
  const grows = ({ DelayFunction }: ReschedulePolicy) => DelayFunction !== "constant";
  return [
    rule(
      reschedule,
      "Unlimited",
      ({ Attempts, Unlimited }) =>
        Attempts > 0 &&
        Unlimited &&
        "attempts and unlimited exclude one another: with both, the policy is ambiguous.",
    ),
    rule(
      reschedule,
      "Delay",
      (value, place) =>
        isUsed(value, place) && value.Delay < leastDelay && `delay cannot be less than ${shown(leastDelay)}.`,
    ),
    rule(
      reschedule,
      "DelayFunction",
      (value, place) =>
        isUsed(value, place) &&
        value.DelayFunction === ("" as string) &&
        "delay_function is constant, exponential or fibonacci.",
    ),
    rule(
      reschedule,
      "MaxDelay",
      (value, place) =>
        isUsed(value, place) &&
        grows(value) &&
        value.MaxDelay < leastDelay &&
        `max_delay cannot be less than ${shown(leastDelay)}.`,
    ),
    rule(
      reschedule,
      "MaxDelay",
      (value, place) =>
        isUsed(value, place) &&
        grows(value) &&
        value.MaxDelay < value.Delay &&
        `max_delay (${shown(value.MaxDelay)}) cannot be less than delay (${shown(value.Delay)}).`,
    ),
    rule(
      reschedule,
      "Interval",
      (value, place) =>
        isUsed(value, place) &&
        !value.Unlimited &&
        value.Interval < leastInterval &&
        `interval cannot be less than ${shown(leastInterval)}.`,
    ),
    rule(reschedule, "Interval", (value, place) => {
      if (!isUsed(value, place) || value.Unlimited || value.Delay < leastDelay) return false;
      const needed = timeOfAttempts(value);
      return (
        value.Interval < needed &&
        `${value.Attempts} attempts do not fit into an interval of ${shown(value.Interval)}: set it to at least ${shown(needed)}.`
      );
    }),
  ];
}

/** When the last attempt is made, counted from the first failure. */
function timeOfAttempts({ Attempts, Delay, MaxDelay, DelayFunction }: ReschedulePolicy): number {
  if (DelayFunction === "constant") return Attempts * Delay;
  let [last, delay, at] = [0, Delay, 0];
  for (let attempt = 0; attempt < Attempts && attempt < 1000; attempt++) {
    const capped = Math.min(delay, MaxDelay);
    at = delay > MaxDelay ? at + capped : capped;
    [last, delay] = [delay, DelayFunction === "exponential" ? delay * 2 : delay + last];
  }
  return at;
}

function periodicRules(): Rule[] {
  return [
    rule(
      periodic,
      "Specs",
      ({ Enabled, Spec, Specs }) =>
        Enabled && Spec !== "" && Specs.length > 0 && "Only cron or crons may be used.",
    ),
    rule(
      periodic,
      null,
      ({ Enabled, Spec, Specs }) =>
        Enabled &&
        Spec === "" &&
        Specs.length === 0 &&
        'A periodic job needs its times: write crons = ["0 3 * * *"], for example.',
    ),
    rule(periodic, "Spec", ({ Enabled, Spec }) => Enabled && Spec !== "" && cronProblem(Spec)),
    rule(periodic, "Specs", ({ Enabled, Specs }) =>
      Specs.flatMap((spec, index) => {
        const detail = Enabled && cronProblem(spec);
        return detail ? [{ at: ["Specs", index], detail }] : [];
      }),
    ),
    rule(
      periodic,
      "TimeZone",
      ({ Enabled, TimeZone }) =>
        Enabled &&
        !isTimeZone(TimeZone) &&
        `${JSON.stringify(TimeZone)} is not a time zone: write a name such as "Europe/Berlin".`,
    ),
  ];
}

function isTimeZone(name: string): boolean {
  if (name === "Local") return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
