/** How a command names an intention: by its two services, or by the id that an older interface gave it. */
export function intentionPlace([first = "", second]: readonly string[]): {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
} {
  return second === undefined
    ? { path: `/v1/connect/intentions/${encodeURIComponent(first)}`, query: {} }
    : { path: "/v1/connect/intentions/exact", query: { source: first, destination: second } };
}
