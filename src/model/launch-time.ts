import { Cron } from "croner";
import type { PeriodicConfig } from "./job/periodic.ts";

/** The first time after `after` at which a periodic job is to be launched; null when there is none. */
export function nextLaunch({ Enabled, Spec, Specs, TimeZone }: PeriodicConfig, after: Date): Date | null {
  if (!Enabled) return null;
  const texts = Specs.length > 0 ? Specs : [Spec];
  const times = texts.flatMap((text) => timeOf(text, TimeZone, after) ?? []);
  return times.length === 0 ? null : times.reduce((a, b) => (a < b ? a : b));
}

function timeOf(text: string, zone: string, after: Date): Date | null {
  const timezone = zone === "" || zone === "Local" ? undefined : zone;
  try {
    return new Cron(fields(text), { paused: true, ...(timezone ? { timezone } : {}) }).nextRun(after);
  } catch {
    // Admission has told its author; what cannot be read has no time.
    return null;
  }
}

/** With six fields the last one is the year here, and the first one the second in the library. */
function fields(text: string): string {
  const words = text.trim().toUpperCase().split(/\s+/);
  const lastWeekday = words.map((word, i) => (i >= 4 ? word.replace(/^(\w+)L$/, "$1#L") : word));
  if (words.length === 1) return text.trim().toLowerCase();
  return words.length === 6 ? `0 ${lastWeekday.join(" ")}` : lastWeekday.join(" ");
}
