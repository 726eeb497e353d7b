import { rule } from "../schema/check.ts";
import { repeated } from "./match-rules.ts";
import { serviceSplit, serviceSplitter } from "./service-splitter.ts";

/** What must hold of a `service-splitter`; Consul's rules. */

const isWholeStep = (weight: number) => Math.abs(weight * 100 - Math.round(weight * 100)) < 1e-6;

export const serviceSplitterRules = [
  rule(
    serviceSplitter,
    "Splits",
    ({ Splits }) => Splits.length === 0 && "no splits configured: name at least one.",
  ),
  rule(serviceSplit, "Weight", ({ Weight }) => !isWholeStep(Weight) && "A weight has steps of 0.01."),
  rule(serviceSplitter, "Splits", ({ Splits }) => {
    const sum = Splits.reduce((total, { Weight }) => total + Math.round(Weight * 100), 0) / 100;
    return Splits.length > 0 && sum !== 100 && `the sum of all split weights must be 100, not ${sum}.`;
  }),
  rule(serviceSplitter, "Splits", ({ Name, Splits }) =>
    repeated(
      Splits,
      ({ Service, ServiceSubset }) => JSON.stringify([Service || Name, ServiceSubset]),
      (i) => ({ at: ["Splits", i], detail: "A split before it has the same service and subset." }),
    ),
  ),
];
