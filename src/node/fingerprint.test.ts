import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { it } from "node:test";
import { fingerprint } from "./fingerprint.ts";

const [, rate] = /cpu MHz\s*:\s*(\d+)/.exec(readFileSync("/proc/cpuinfo", "utf8")) ?? [];
const isElsewhere = existsSync("/sys/devices/system/cpu/cpu0/cpufreq") || rate === undefined;

it("a machine without cpufreq has the clock rate that /proc/cpuinfo tells", {
  skip: isElsewhere,
}, async () => {
  const { attributes, resources } = await fingerprint(tmpdir(), "127.0.0.1");
  assert.equal(attributes["cpu.frequency"], rate);
  assert.equal(resources.Cpu.CpuShares, Number(rate) * resources.Cpu.TotalCpuCores);
});
