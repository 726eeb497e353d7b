/** How keys that sign the identities of tasks come and go. Milliseconds. */
export interface KeyringOptions {
  /** How long a key signs. */
  readonly rotationThreshold: number;
  /** How often it is looked whether a key is due. */
  readonly gcInterval: number;
  /** How long a key is kept after its last token is over. */
  readonly gcThreshold: number;
}

const HOUR = 3_600_000;

/** Nomad's. */
export const KEYRING_DEFAULTS: KeyringOptions = {
  rotationThreshold: 720 * HOUR,
  gcInterval: HOUR / 6,
  gcThreshold: HOUR,
};
