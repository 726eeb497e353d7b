import { regexpProblem } from "../regexp/regexp.ts";
import type { Finding } from "../schema/check.ts";

/** What must hold where entries say which requests they mean; each gives what is wrong, or something false. */

export const httpMethods = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
] as const;

export const beginsWithSlash = (path: string) =>
  path !== "" && !path.startsWith("/") && "A path begins with /.";

/** Envoy's expressions are RE2's. */
export const patternProblem = (pattern: string) => pattern !== "" && regexpProblem(pattern);

export const givenOf = (...values: readonly (string | boolean)[]) =>
  values.filter((value) => value !== "" && value !== false).length;

export function methodFindings(methods: readonly string[]): Finding[] {
  const upper = methods.map((method) => method.toUpperCase());
  return upper.flatMap((method, i) => {
    const at = ["Methods", i];
    if (!(httpMethods as readonly string[]).includes(method))
      return [{ at, detail: `Expected one of ${httpMethods.join(", ")}.` }];
    return upper.indexOf(method) < i ? [{ at, detail: `"${method}" is named more than once.` }] : [];
  });
}

export function statusFindings(field: string, statuses: readonly number[]): Finding[] {
  return statuses.flatMap((status, i) =>
    status >= 100 && status <= 599 ? [] : [{ at: [field, i], detail: `${status} is no status of HTTP.` }],
  );
}

/** Header names as Envoy and HTTP take them. */
export const headerNameProblem = (name: string) =>
  !/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/.test(name) &&
  `"${name}" is no name of a header: letters, digits and dashes are.`;

export const controlCharacters = (text: string) =>
  /[\0\r\n]/.test(text) && "Line breaks and null characters are not allowed.";

/** Items of a list that say the same as one before them. */
export function repeated<Item>(
  items: readonly Item[],
  sameAs: (item: Item) => string,
  found: (index: number, item: Item) => Finding,
): Finding[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const key = sameAs(item);
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [found(index, item)];
  });
}
