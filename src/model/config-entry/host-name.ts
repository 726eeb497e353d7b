import { isIP } from "node:net";

const label = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";
const name = new RegExp(`^(?=.{1,253}$)${label}(\\.${label})*\\.?$`, "i");

export const isHostName = (text: string) => name.test(text) && isIP(text) === 0;

/** A wildcard stands alone as the leftmost label: `*.example.com`. */
export const isHostPattern = (text: string) => isHostName(text.startsWith("*.") ? text.slice(2) : text);

export const isAddress = (text: string) => isIP(text) !== 0;
