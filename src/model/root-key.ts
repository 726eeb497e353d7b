/** A key of the keyring, as Nomad's API shows it. Times are nanoseconds since 1970. */
export interface RootKey {
  readonly KeyID: string;
  readonly Algorithm: string;
  /** One signs; those before it verify what they have signed; those after it are published and wait for their time. */
  readonly State: "prepublished" | "active" | "inactive";
  readonly CreateTime: number;
  /** When a prepublished key begins to sign; 0 for one that did not wait. */
  readonly PublishTime: number;
}
