/** An entry of the key-value store. Field names are those of Consul's API. */
export interface KeyEntry {
  readonly Key: string;
  /** In base64: any bytes. */
  readonly Value: string;
  /** A number for the client's own use. */
  readonly Flags: number;
}
