import type { FastifyInstance, FastifyRequest } from "fastify";
import type { KeyEntry } from "#model/key-entry.ts";
import { deleteKeys, keyEntries, keyEntry, putKey } from "#server/keys.ts";
import { keys } from "#server/tables.ts";
import type { Row } from "#state/table.ts";
import type { ApiContext } from "../context.ts";
import { badRequest, HttpError, notFound } from "../http-error.ts";
import { blockingQuery, isSet, queryOf, wholeNumber } from "../query.ts";

/** Bytes; as in Consul. */
const LARGEST = 512 * 1024;

/** `/v1/kv`: values of any bytes by key. */
export function keyRoutes(app: FastifyInstance, { server: { state } }: ApiContext): void {
  // Values are taken as they are, whatever their type is said to be.
  void app.register(async (values) => {
    values.removeAllContentTypeParsers();
    values.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: LARGEST }, (_request, body, done) =>
      done(null, body),
    );

    values.get("/v1/kv/*", (request, reply) =>
      blockingQuery(state, [keys], request, reply, () => {
        const key = keyOf(request);
        const { recurse, keys: onlyKeys, raw, separator = "" } = queryOf(request);
        if (isSet(onlyKeys)) return foldedKeys(keyEntries(state, key), key, separator);
        const entry = keyEntry(state, key);
        const found = isSet(recurse) ? keyEntries(state, key) : entry === undefined ? [] : [entry];
        if (found.length === 0) throw notFound("");
        if (!isSet(raw)) return found.map(shown);
        reply.type("text/plain; charset=utf-8");
        return Buffer.from(found[0]?.Value ?? "", "base64");
      }),
    );

    values.put("/v1/kv/*", async (request) => {
      const Key = keyOf(request);
      const { flags = "0", cas, acquire, release } = queryOf(request);
      if (Key === "") throw badRequest("Missing key name");
      if (acquire !== undefined || release !== undefined)
        throw new HttpError(501, "keys cannot be locked here: there are no sessions");
      const Value = Buffer.isBuffer(request.body) ? request.body.toString("base64") : "";
      return putKey(state, { Key, Value, Flags: wholeNumber("flags", flags) }, casOf(cas));
    });

    values.delete("/v1/kv/*", async (request) => {
      const { recurse, cas } = queryOf(request);
      return deleteKeys(state, keyOf(request), {
        recurse: isSet(recurse),
        cas: casOf(cas),
      });
    });
  });
}

/** A slash at the end belongs to the key; the router would take it away. */
function keyOf({ url }: FastifyRequest): string {
  const [path = ""] = url.split("?");
  return decodeURIComponent(path.slice("/v1/kv/".length));
}

function casOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber("cas", text);
}

function shown({ Key, Value, Flags, CreateIndex, ModifyIndex }: Row<KeyEntry>) {
  return { LockIndex: 0, Key, Flags, Value: Value === "" ? null : Value, CreateIndex, ModifyIndex };
}

/** Up to the separator behind the prefix, each once: what a folder would list. */
function foldedKeys(entries: readonly KeyEntry[], prefix: string, separator: string): string[] {
  const folded = entries.map(({ Key }) => {
    const end = separator === "" ? -1 : Key.indexOf(separator, prefix.length);
    return end < 0 ? Key : Key.slice(0, end + separator.length);
  });
  return [...new Set(folded)];
}
