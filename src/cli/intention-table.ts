import { table } from "./table.ts";

export interface IntentionView {
  readonly SourceName: string;
  readonly DestinationName: string;
  readonly Action: string;
  readonly Precedence: number;
  readonly Description: string;
}

export function intentionTable(intentions: readonly IntentionView[]): string[] {
  if (intentions.length === 0) return ["There are no intentions."];
  return table(
    ["Source", "Action", "Destination", "Precedence"],
    intentions.map(({ SourceName, Action, DestinationName, Precedence }) => [
      SourceName,
      Action,
      DestinationName,
      String(Precedence),
    ]),
  );
}
