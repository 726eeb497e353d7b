import type { Variable } from "#model/variable.ts";
import { properties } from "./table.ts";
import { timestamp } from "./time.ts";

export interface VariableView extends Variable {
  readonly ModifyIndex: number;
}

export function variableLines({ Namespace, Path, Items, CreateTime, ModifyIndex }: VariableView): string[] {
  const items = Object.entries(Items).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...properties([
      ["Namespace", Namespace],
      ["Path", Path],
      ["Create Time", timestamp(new Date(CreateTime / 1e6))],
      ["Check Index", String(ModifyIndex)],
    ]),
    "",
    "Items",
    ...properties(items),
  ];
}
