import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { healthShape } from "../catalog-filter.ts";
import { FilterError } from "./filter.ts";
import { matchesFilter } from "./matches.ts";
import { parseFilter } from "./parse.ts";
import { checkFilter } from "./shape.ts";

const row = {
  Node: { Node: "n1", Meta: { rack: "7" } },
  Service: {
    Service: "api",
    Port: 8080,
    Tags: ["v1", "primary"],
    Meta: { version: "2.1", "a b": "c", empty: "" },
    EnableTagOverride: true,
  },
  Checks: [
    { Name: "alive", Status: "passing" },
    { Name: "deep", Status: "warning" },
  ],
};

const holds: Readonly<Record<string, boolean>> = {
  "Service.Service == api": true,
  'Service.Service == "api"': true,
  "Service.Service == `api`": true,
  "Service.Service != api": false,
  "Service.Port == 8080": true,
  "Service.Port != 8080": false,
  "Service.EnableTagOverride == true": true,
  "Service.EnableTagOverride == 0": false,
  'Service.Meta.version == "2.1"': true,
  'Service.Meta["a b"] == c': true,
  '"/Service/Meta/a b" == "c"': true,
  "Service.Meta.absent == x": false,
  "Service.Meta.absent != x": true,
  "Service.Meta.constructor is empty": true,
  "Service.Meta.empty is empty": true,
  "Service.Meta is not empty": true,
  "Checks is empty": false,
  "primary in Service.Tags": true,
  '"v2" not in Service.Tags': true,
  "Service.Tags contains v1": true,
  "Service.Tags not contains v1": false,
  "version in Service.Meta": true,
  "toString in Service.Meta": false,
  "Service.Service contains p": true,
  'Service.Meta.version matches "^2[.]"': true,
  'Service.Meta.version not matches "^2[.]"': false,
  'Service.Meta.absent not matches "."': true,
  "not Service.Port == 8080 or Service.Service == api": true,
  "not (Service.Port == 8080 or Service.Service == api)": false,
  "Service.Port == 1 and Service.Port == 8080 or Service.Port == 8080": true,
  "Service.Port == 8080 or Service.Port == 8080 and Service.Port == 1": true,
  "any Checks as check { check.Status == warning }": true,
  "all Checks as check { check.Status == passing }": false,
  'any Service.Meta as key, value { key == version and value == "2.1" }': true,
  "any Service.Tags as tag { tag == v2 }": false,
  "all Service.Meta as key { key is not empty }": true,
};

const refused: Readonly<Record<string, RegExp>> = {
  "": /expected the name of a field, but the filter ends/,
  "Service.Service": /column 16: expected ==.*but the filter ends/,
  "Service.Servise == api": /no "Servise".*"Service"/,
  "Service.Service = api": /column 17: "=" is not expected/,
  'Service.Service == "api': /column 20: a text begins that has no end/,
  "(Service.Service == api": /expected "\)"/,
  "Service.Service == api api": /expected "and", "or" or the end/,
  'Service.Service matches "("': /is no regular expression/,
  "Service.Port == many": /is a number/,
  "Service.EnableTagOverride == maybe": /is true or false/,
  "Service.Port matches x": /cannot be asked/,
  "Service.Meta == x": /cannot be asked/,
  "Checks.Status == passing": /any Checks as item/,
  "any Service.Port as p { p == 1 }": /needs a list or a map/,
  [`${"(".repeat(200)}Service.Port == 1${")".repeat(200)}`]: /nests at most/,
  [`Service.Service == "${"x".repeat(9000)}"`]: /at most 8192 characters/,
};

describe("a filter", () => {
  for (const [text, expected] of Object.entries(holds)) {
    it(`${expected ? "holds" : "does not hold"}: ${text}`, () => {
      const filter = parseFilter(text);
      checkFilter(filter, healthShape);
      assert.equal(matchesFilter(filter, row), expected);
    });
  }

  for (const [text, message] of Object.entries(refused)) {
    it(`is refused: ${text.slice(0, 60)}`, () => {
      assert.throws(
        () => checkFilter(parseFilter(text), healthShape),
        (error: unknown) => error instanceof FilterError && message.test(error.message),
      );
    });
  }

  it("is read or refused, whatever it says", () => {
    const word = fc.constantFrom(
      ...'Service.Service Service.Meta.x Service.Tags Checks == != in not and or is empty contains matches any as all x y { } ( ) [ ] , "a" `b` 1'.split(
        " ",
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 14 }), (words) => {
        try {
          matchesFilter(parseFilter(words.join(" ")), row);
        } catch (error) {
          assert.ok(error instanceof FilterError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
