import { shortId } from "#model/id.ts";
import type { RootKey } from "#model/root-key.ts";
import { table } from "./table.ts";
import { timestamp } from "./time.ts";

const time = (nanoseconds: number) => timestamp(new Date(nanoseconds / 1e6));

export function rootKeyTable(keys: readonly RootKey[], isVerbose: boolean): string[] {
  return table(
    ["Key", "State", "Create Time", "Publish Time"],
    keys.map(({ KeyID, State, CreateTime, PublishTime }) => [
      isVerbose ? KeyID : shortId(KeyID),
      State,
      time(CreateTime),
      PublishTime === 0 ? "<none>" : time(PublishTime),
    ]),
  );
}
