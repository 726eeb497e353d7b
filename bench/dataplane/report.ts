import { properties, table } from "../../src/cli/table.ts";
import { barChart } from "../support/chart.ts";
import type { MemoryShares } from "../support/process.ts";
import { writeResults } from "../support/results.ts";
import { type Spread, shown, spread } from "../support/statistics.ts";

/** One load on one way in one round. Milliseconds; seconds of processor time of both proxies a 1,000 requests. */
export interface Measured {
  readonly way: string;
  readonly load: string;
  readonly unit: string;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly cpuPerThousand: number;
}

export interface Results {
  readonly machine: Readonly<Record<string, string>>;
  readonly runs: number;
  readonly measured: readonly Measured[];
  readonly memory: Readonly<Record<string, MemoryShares>>;
}

const FIGURES = ["perSecond", "p50", "p99", "p999", "cpuPerThousand"] as const;

/** Prints the tables, and leaves them, the figures and a picture in bench/results. */
export function writeReport(results: Results): void {
  const byLoad = Map.groupBy(results.measured, ({ load }) => load);
  const tables = [...byLoad].map(([load, ofLoad]) => loadTable(load, ofLoad));
  const memory = Object.entries(results.memory).map(([what, { resident, proportional, own }]) => [
    what,
    ...[resident, proportional, own].map((value) => value.toFixed(1)),
  ]);
  const text = [
    properties(Object.entries(results.machine)),
    ...tables,
    table(["Memory, MiB", "resident", "proportional", "its own"], memory),
    table(["Aim", "measured", "wanted", ""], aims(results)),
  ];
  writeResults("dataplane", {
    text: text.map((lines) => lines.join("\n")).join("\n\n"),
    data: results,
    picture: picture(byLoad),
  });
}

function loadTable(load: string, measured: readonly Measured[]): string[] {
  const rows = [...Map.groupBy(measured, ({ way }) => way)].map(([way, all]) => {
    const [perSecond, p50, p99, p999, cpu] = FIGURES.map((figure) => spread(all.map((one) => one[figure])));
    return [way, digits(perSecond, 0), ...[p50, p99, p999, cpu].map((one) => digits(one, 2))];
  });
  return table([load, measured[0]?.unit ?? "", "p50 ms", "p99 ms", "p99.9 ms", "CPU s a 1,000"], rows);
}

function digits(value: Spread | undefined, count: number): string {
  return value === undefined || Number.isNaN(value.median) ? "–" : shown(value, count);
}

function picture(byLoad: ReadonlyMap<string, readonly Measured[]>): string {
  const panels = [...byLoad].map(([load, ofLoad]) => ({
    title: `${load} (${ofLoad[0]?.unit ?? ""})`,
    bars: [...Map.groupBy(ofLoad, ({ way }) => way)].map(([way, all]) => ({
      label: way,
      isOurs: way.startsWith("yurt"),
      ...spread(all.map(({ perSecond }) => perSecond)),
    })),
  }));
  return barChart("Through the mesh, beside no proxy and beside two Envoys by hand", panels);
}

/** Each ratio is of two medians of the same run; of two ways to do the same work the better one is the floor. */
function aims({ measured, memory }: Results): string[][] {
  const median = (way: string, load: string, figure: (typeof FIGURES)[number]) =>
    spread(measured.filter((one) => one.way === way && one.load === load).map((one) => one[figure])).median;
  const rows: string[][] = [];
  const atLeast = (what: string, value: number, wanted: number) =>
    rows.push([what, value.toFixed(2), `≥ ${wanted}`, value >= wanted ? "met" : "missed"]);
  const atMost = (what: string, value: number, wanted: number) =>
    rows.push([what, value.toFixed(2), `≤ ${wanted}`, value <= wanted ? "met" : "missed"]);
  for (const load of ["1 connection", "32 connections"]) {
    const rate = (way: string) => median(way, load, "perSecond");
    const best = rate("static h2") > rate("static http/1.1") ? "static h2" : "static http/1.1";
    for (const [ours, floor, wanted] of [
      ["http", best, 0.97],
      ["tcp", "static tcp", 0.99],
    ] as const) {
      atLeast(`${ours}, ${load}: rate of the floor`, rate(`yurt ${ours}`) / rate(floor), wanted);
      const slowest = (way: string) => median(way, load, "p99");
      atLeast(`${ours}, ${load}: p99 of the floor`, slowest(floor) / slowest(`yurt ${ours}`), wanted);
    }
    if (measured.some(({ way }) => way === "kuma http")) {
      atLeast(`http, ${load}: rate of the other mesh`, rate("yurt http") / rate("kuma http"), 1);
    }
  }
  const paced = median("yurt http", "1,000 requests/s, paced", "cpuPerThousand");
  atMost("http, 1,000 requests/s: of a core for each proxy", paced / 2, 0.2);
  const empty = memory["an Envoy with an empty configuration"];
  const rest = memory["the client's sidecar at rest"];
  if (empty && rest)
    atMost("memory of a sidecar at rest, of an empty Envoy's", rest.resident / empty.resident, 1.1);
  const many = memory["the client's sidecar at rest, among 1,000 services"];
  if (rest && many)
    atMost("memory of a sidecar among 1,000 services, of one among few", many.resident / rest.resident, 1.01);
  return rows;
}
