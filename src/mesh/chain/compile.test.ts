import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseConfigEntry } from "#jobspec/config-entry.ts";
import type { ConfigEntries, ConfigEntry } from "#model/config-entry/config-entry.ts";
import { parseDuration } from "#model/schema/duration.ts";
import { matchGolden } from "../../../test/support/golden.ts";
import type { TrustDomain } from "../ca/spiffe.ts";
import { chainJson } from "./chain-json.ts";
import { compileChain } from "./compile.ts";
import type { ReadEntry } from "./protocol.ts";
import { noOverrides } from "./question.ts";

const cases = join(import.meta.dirname, "cases");
const trustDomain = "11111111-2222-3333-4444-555555555555.consul" as TrustDomain;

describe("a discovery chain", () => {
  for (const file of readdirSync(cases)) {
    it(file.replace(/\.txt$/, "").replaceAll("-", " "), () => {
      const path = join(cases, file);
      const [given = ""] = readFileSync(path, "utf8").split(/^----$/m);
      const [question = "", ...texts] = given.split(/^(?=Kind = )/m);
      const chain = compileChain(questionIn(question), reading(texts.map(parsed)));
      const shown =
        chain instanceof Error
          ? `${chain.entry.kind}/${chain.entry.name}: ${chain.fault}: ${chain.message}`
          : JSON.stringify(chainJson(chain), null, 2);
      matchGolden(path, `${given.trim()}\n\n----\n${shown}\n`);
    });
  }
});

/** `compile <service> [name=value …]` */
function questionIn(line: string) {
  const [, service = "", ...settings] = line.trim().split(" ");
  const {
    datacenter = "dc1",
    connectTimeout = "0s",
    ...overrides
  } = Object.fromEntries(settings.map((setting) => setting.split("=")));
  return {
    service,
    datacenter,
    trustDomain,
    overrides: { ...noOverrides, ...overrides, connectTimeout: parseDuration(connectTimeout) ?? 0 },
  };
}

function parsed(text: string): ConfigEntry {
  const { entry, diagnostics } = parseConfigEntry("case", text);
  assert.ok(entry, `${text}: ${JSON.stringify(diagnostics)}`);
  return entry;
}

function reading(entries: readonly ConfigEntry[]): ReadEntry {
  return (kind, name) =>
    entries.find((entry) => entry.Kind === kind && entry.Name === name) as
      | ConfigEntries[typeof kind]
      | undefined;
}
