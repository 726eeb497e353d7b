import type { HeaderModifiers } from "#model/config-entry/header-modifiers.ts";
import type { ServiceSplit } from "#model/config-entry/service-splitter.ts";
import type { ChainSplit } from "./compiled-chain.ts";

/** Weights are counted in the steps that they may have. */
const stepsInPercent = 100;
const allSteps = 100 * stepsInPercent;

function weightInSteps(percent: number): number {
  return Math.round(percent * stepsInPercent);
}

/**
 * The splits behind one split, in its place: its weight is shared out among them, and no step of it is lost. Those
 * that get none are left out, so that a chain has no more splits than there are steps, however its entries nest.
 */
export function insteadOf(outer: ChainSplit, inner: readonly ChainSplit[]): ChainSplit[] {
  const shares = sharedOut(
    weightInSteps(outer.Weight),
    inner.map(({ Weight }) => weightInSteps(Weight)),
  );
  return inner
    .map(({ Definition, NextNode }, i) => ({
      Definition: mergedSplit(outer.Definition, Definition),
      Weight: (shares[i] ?? 0) / stepsInPercent,
      NextNode,
    }))
    .filter(({ Weight }) => Weight > 0);
}

/** Whole steps by their weights, the largest remainders rounded up, so that they add up to `steps`. */
function sharedOut(steps: number, weights: readonly number[]): number[] {
  const exact = weights.map((weight) => (steps * weight) / allSteps);
  const shares = exact.map(Math.floor);
  const missing = steps - shares.reduce((sum, share) => sum + share, 0);
  const byRemainder = exact
    .map((share, i) => ({ i, remainder: share - Math.floor(share) }))
    .sort((a, b) => b.remainder - a.remainder);
  for (const { i } of byRemainder.slice(0, missing)) shares[i] = (shares[i] ?? 0) + 1;
  return shares;
}

/** The inner split says where requests go; the headers are changed as both say, the inner one having the last word. */
function mergedSplit(outer: ServiceSplit, inner: ServiceSplit): ServiceSplit {
  return {
    ...inner,
    RequestHeaders: mergedHeaders(outer.RequestHeaders, inner.RequestHeaders),
    ResponseHeaders: mergedHeaders(outer.ResponseHeaders, inner.ResponseHeaders),
  };
}

function mergedHeaders(outer: HeaderModifiers | null, inner: HeaderModifiers | null): HeaderModifiers | null {
  if (outer === null || inner === null) return inner ?? outer;
  return {
    Add: { ...outer.Add, ...inner.Add },
    Set: { ...outer.Set, ...inner.Set },
    Remove: [...new Set([...outer.Remove, ...inner.Remove])],
  };
}
