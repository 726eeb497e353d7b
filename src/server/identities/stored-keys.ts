import type { KeyVault } from "#mesh/ca/key-vault.ts";
import { identitiesOf } from "#model/job/identity.ts";
import { hour } from "#model/schema/duration.ts";
import type { State } from "#state/state.ts";
import { withoutIndexes } from "#state/table.ts";
import { identityKeys, jobVersions } from "../tables.ts";
import { nanosecondsNow } from "../time.ts";
import { ALGORITHM, type SigningKey } from "./signing-key.ts";

/**
 * Keys as this version and its vault store them: one from before there were several signs on, and those that were
 * stored without encryption are encrypted now. Keys that cannot be read end the start.
 */
export async function keepSigningKeys(state: State, vault: KeyVault): Promise<void> {
  await state.transact((tx) => {
    for (const { KeyID } of state.all(identityKeys)) {
      const stored = tx.get(identityKeys, KeyID);
      if (stored === undefined) continue;
      const opened = vault.open(KeyID, stored.PrivateKey);
      const isKept = vault.keeps(stored.PrivateKey);
      if (isKept && "State" in stored) continue;
      const PrivateKey = isKept ? stored.PrivateKey : vault.seal(KeyID, opened);
      tx.put(identityKeys, KeyID, {
        ...agesOfOnly(state),
        ...withoutIndexes<SigningKey>(stored),
        PrivateKey,
      });
    }
  });
}

/** Of the one key of earlier versions nobody knows since when it signs, and what: it gets its time from now on. */
function agesOfOnly(state: State) {
  const now = nanosecondsNow();
  const lives = state
    .all(jobVersions)
    .flatMap(({ TaskGroups }) => TaskGroups.flatMap(({ Tasks }) => Tasks))
    .flatMap(identitiesOf)
    .map(({ TTL }) => TTL);
  const LongestTTL = lives.reduce((longest, life) => Math.max(longest, life), 720 * hour);
  const ages = { State: "active", CreateTime: now, PublishTime: 0, Since: now, LongestTTL } as const;
  return { Algorithm: ALGORITHM, ...ages };
}
