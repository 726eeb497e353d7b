import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decide } from "../../src/mesh/intention-decision.ts";
import { type DefaultPolicy, intentionsOf, local } from "../../src/mesh/intentions.ts";
import type { ServiceIntentions } from "../../src/model/config-entry/service-intentions.ts";
import type { Received } from "../mesh/support/application.ts";
import type { WrittenEntry } from "../mesh/support/entry.ts";
import { TestMesh } from "../mesh/support/test-mesh.ts";
import { entries, type GeneratedRequest, request } from "./scenes.ts";

/** For each default policy and each way to normalise: 2,000 requests in all. */
const SCENES = 4;
const REQUESTS = 50;

const NORMALIZATIONS = {
  "as it is by default": {},
  "into one spelling": { MergeSlashes: true, PathWithEscapedSlashesAction: "UNESCAPE_AND_FORWARD" },
  "by redirection": { MergeSlashes: true, PathWithEscapedSlashesAction: "UNESCAPE_AND_REDIRECT" },
  "by refusal": {
    PathWithEscapedSlashesAction: "REJECT_REQUEST",
    HeadersWithUnderscoresAction: "DROP_HEADER",
  },
  "not at all": { InsecureDisablePathNormalization: true, HeadersWithUnderscoresAction: "REJECT_REQUEST" },
};

interface Scene {
  readonly intentions: readonly ServiceIntentions[];
  readonly requests: readonly (GeneratedRequest & { readonly source: string })[];
}

const scene: fc.Arbitrary<Scene> = fc.record({
  intentions: entries({ tokens: false, peers: false }),
  requests: fc.array(
    fc.tuple(request, fc.constantFrom("web", "batch")).map(([sent, source]) => ({ ...sent, source })),
    { minLength: REQUESTS, maxLength: REQUESTS },
  ),
});

/** The destination `open` lets everybody in: its application tells how a request looks behind the proxy. */
const plans = [
  { service: "web", upstreams: ["api", "open"] },
  { service: "batch", upstreams: ["api", "open"] },
  { service: "api" },
  { service: "open" },
];

describe("a real Envoy decides as the intentions say", () => {
  for (const [how, normalization] of Object.entries(NORMALIZATIONS)) {
    for (const policy of ["allow", "deny"] as const) {
      it(`of ${SCENES * REQUESTS} requests, normalised ${how}, where the default is to ${policy}`, async () => {
        const seed = randomInt(2 ** 31);
        await using mesh = await TestMesh.start(plans, { defaultPolicy: policy });
        const statuses = new Set<number>();
        for (const each of fc.sample(scene, { numRuns: SCENES, seed })) {
          await mesh.scene({ entries: entriesOf(each, normalization) });
          const answers = each.requests.map((sent, i) => hold(mesh, policy, each, sent, i));
          for (const status of await Promise.all(answers)) statuses.add(status);
        }
        assert.ok(statuses.has(200) || statuses.has(403), `statuses ${[...statuses].join()}; seed ${seed}`);
      });
    }
  }
});

function entriesOf({ intentions }: Scene, normalization: object): WrittenEntry[] {
  return [
    { Kind: "proxy-defaults", Name: "global", Config: { protocol: "http" } },
    { Kind: "mesh", Name: "mesh", HTTP: { Incoming: { RequestNormalization: normalization } } },
    { Kind: "service-intentions", Name: "open", Sources: [{ Name: "*", Action: "allow" }] },
    ...(intentions as readonly (ServiceIntentions & WrittenEntry)[]),
  ];
}

/** Sends a request to both destinations and compares; gives the status that the ruled one answered. */
async function hold(
  mesh: TestMesh,
  policy: DefaultPolicy,
  { intentions }: Scene,
  sent: Scene["requests"][number],
  number: number,
): Promise<number> {
  const options = { method: sent.method, headers: { ...sent.headers, "x-number": `${number}` } };
  const from = `${sent.source}-1`;
  const open = await mesh.call("open", sent.path, options, from);
  const ruled = await mesh.call("api", sent.path, options, from);
  const arrivedAt = (id: string) =>
    mesh.application(id).received.find(({ headers }) => headers["x-number"] === `${number}`);
  const behind = arrivedAt("open-1");
  const expected =
    behind === undefined ? open.status : isAllowed(intentions, policy, sent.source, behind) ? 200 : 403;
  const story = JSON.stringify({ intentions, policy, sent, behind });
  assert.equal(ruled.status, expected, story);
  if (ruled.status === 403) assert.equal(ruled.body, "RBAC: access denied");
  assert.equal(arrivedAt("api-1")?.path, expected === 200 ? behind?.path : undefined, story);
  return ruled.status;
}

function isAllowed(
  intentions: readonly ServiceIntentions[],
  policy: DefaultPolicy,
  source: string,
  { method, path, headers }: Received,
): boolean {
  const seen = {
    method,
    path: path.split(/[?#]/)[0] ?? "",
    headers: new Map(Object.entries(headers)),
    tokens: new Map<string, object>(),
  };
  return decide(intentionsOf(intentions), local(source), "api", seen, policy).allowed;
}
