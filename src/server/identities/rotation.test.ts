import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour } from "#model/schema/duration.ts";
import { activeKey, nextStep } from "./rotation.ts";

const key = (
  KeyID: string,
  State: "prepublished" | "active" | "inactive",
  Since: number,
  PublishTime = 0,
) => ({
  KeyID,
  State,
  Since: Since * hour,
  PublishTime: PublishTime * hour,
});
const step = (keys: readonly ReturnType<typeof key>[], now: number, threshold = 720) => {
  const next = nextStep(keys, threshold * hour, now * hour);
  if (next === null) return "nothing";
  return next.kind === "promote" ? `${next.id} signs` : `published for ${next.publishTime / hour}`;
};

describe("a keyring in time", () => {
  it("publishes the next key at half of the life of the one that signs", () => {
    const keys = [key("old", "inactive", 50), key("a", "active", 100)];
    assert.equal(step(keys, 459), "nothing");
    assert.equal(step(keys, 460), "published for 820");
    assert.equal(step([...keys, key("b", "prepublished", 460, 820)], 819), "nothing");
    assert.equal(step([...keys, key("b", "prepublished", 460, 820)], 820), "b signs");
  });

  it("gives notice of a key also where the time of the one before it is over", () => {
    const keys = [key("a", "active", 0)];
    assert.equal(step(keys, 2000), "published for 2001");
    assert.equal(step(keys, 3, 1), "published for 3.5");
  });

  it("takes keys that were published by hand in the order of their times", () => {
    const keys = [
      key("a", "active", 0),
      key("later", "prepublished", 1, 20),
      key("sooner", "prepublished", 2, 10),
    ];
    assert.equal(step(keys, 9), "nothing");
    assert.equal(step(keys, 30), "sooner signs");
  });

  it("does nothing where no key was needed yet", () => {
    assert.equal(step([], 1000), "nothing");
  });

  it("has one key that signs, also where two say so", () => {
    const keys = [key("b", "active", 1), key("c", "active", 1), key("a", "active", 0)];
    assert.equal(activeKey(keys)?.KeyID, "b");
    assert.equal(activeKey(keys.toReversed())?.KeyID, "b");
  });
});
