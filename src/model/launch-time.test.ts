import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { periodic } from "./job/periodic.ts";
import { nextLaunch } from "./launch-time.ts";
import { canonical } from "./schema/canonical.ts";

const next = (Specs: readonly string[], after: string, over = {}) =>
  nextLaunch(canonical(periodic, { Specs: [...Specs], ...over }), new Date(after))?.toISOString() ?? null;

describe("the next launch of a periodic job", () => {
  const noon = "2026-03-01T12:00:00.000Z";
  for (const [specs, expected] of [
    [["*/15 * * * *"], "2026-03-01T12:15:00.000Z"],
    [["30 3 * * *", "0 13 * * *"], "2026-03-01T13:00:00.000Z"],
    [["@daily"], "2026-03-02T00:00:00.000Z"],
    [["0 0 L * *"], "2026-03-31T00:00:00.000Z"],
    [["0 0 * * 5L"], "2026-03-27T00:00:00.000Z"],
    [["0 0 * * MON#2"], "2026-03-09T00:00:00.000Z"],
    [["*/10 * * * * * *"], "2026-03-01T12:00:10.000Z"],
    [["0 0 1 1 * 2030"], "2030-01-01T00:00:00.000Z"],
    [["0 0 1 1 * 2020"], null],
  ] as const) {
    it(specs.join(" or "), () => assert.equal(next(specs, noon), expected));
  }

  it("counts in its time zone, over the change of the clock", () => {
    const zone = { TimeZone: "Europe/Berlin" };
    assert.equal(next(["0 8 * * *"], "2026-03-28T12:00:00Z", zone), "2026-03-29T06:00:00.000Z");
    assert.equal(next(["0 8 * * *"], "2026-10-24T12:00:00Z", zone), "2026-10-25T07:00:00.000Z");
  });

  it("never comes for one that is not enabled", () => {
    assert.equal(next(["* * * * *"], noon, { Enabled: false }), null);
  });
});
