import type { WrittenEntry } from "./entry.ts";

/** The entries that cases write most. */

type Fields = Readonly<Record<string, unknown>>;

export const defaults = (Name: string, fields: Fields = {}): WrittenEntry => ({
  ...{ Kind: "service-defaults", Name, Protocol: "http" },
  ...fields,
});

export const everyProxy = (fields: Fields): WrittenEntry => ({
  ...{ Kind: "proxy-defaults", Name: "global" },
  ...fields,
});

export const router = (Name: string, ...Routes: readonly Fields[]): WrittenEntry => ({
  ...{ Kind: "service-router", Name, Routes },
});

/** One route: what of a request it matches, and where it goes. */
export const route = (HTTP: Fields | null, Destination: Fields): Fields => ({
  ...(HTTP && { Match: { HTTP } }),
  Destination,
});

export const splitter = (Name: string, ...Splits: readonly Fields[]): WrittenEntry => ({
  ...{ Kind: "service-splitter", Name, Splits },
});

export const resolver = (Name: string, fields: Fields): WrittenEntry => ({
  ...{ Kind: "service-resolver", Name },
  ...fields,
});

export const meshEntry = (fields: Fields): WrittenEntry => ({ ...{ Kind: "mesh", Name: "mesh" }, ...fields });
