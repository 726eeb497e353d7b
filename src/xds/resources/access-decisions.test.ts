import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { type TypedExtensionConfig, TypedExtensionConfigSchema } from "#envoy/config/core/v3/extension_pb.js";
import type { RBAC } from "#envoy/config/rbac/v3/rbac_pb.js";
import { RBACSchema as HttpRbacSchema } from "#envoy/extensions/filters/http/rbac/v3/rbac_pb.js";
import { RBACSchema as NetworkRbacSchema } from "#envoy/extensions/filters/network/rbac/v3/rbac_pb.js";
import { accessRules } from "#mesh/access-rules.ts";
import { decide, type RuledRequest } from "#mesh/intention-decision.ts";
import { type DefaultPolicy, type Intention, intentionsOf, type Source } from "#mesh/intentions.ts";
import type { Protocol } from "#model/config-entry/config-entry.ts";
import { entries, type GeneratedRequest, request, tokens } from "../../../test/access/scenes.ts";
import { isAdmitted, type SeenRequest } from "../../../test/support/rbac-evaluator.ts";
import { accessResource } from "./access.ts";
import { JWT_AUTHN, payloadKey } from "./access-tokens.ts";

const SCENES = 2000;
const REQUESTS = 50;

const trustDomain = "11111111-2222-3333-4444-555555555555.consul";
const identities = {
  trustDomain,
  peers: new Map([["cloud", { trustDomain: "cloud.consul", partition: "part1" }]]),
};

/** Who calls: whom the rules take it for, and what its proxy shows of itself. */
interface Caller {
  /** Null for one that no intention can name. */
  readonly source: Source | null;
  readonly uri: string;
}

const uriOf = (name: string, domain = trustDomain, rest = "") =>
  `spiffe://${domain}${rest}/ns/default/dc/dc2/svc/${name}`;

const own = (name: string): Caller => ({ source: { name, peer: "" }, uri: uriOf(name) });

const peered = (name: string): Caller => ({
  source: { name, peer: "cloud" },
  uri: uriOf(name, "cloud.consul", "/ap/part1"),
});

const callers: readonly Caller[] = [
  ...["web", "batch", "other", "webs", "we"].map(own),
  ...["web", "batch", "other"].map((name) => peered(name)),
  { source: null, uri: uriOf("web", trustDomain.replace(".", "x")) },
  { source: null, uri: `${uriOf("web")}/more` },
  { source: null, uri: uriOf("web", trustDomain, "/ap/part1") },
];

describe("access rules of Envoy", () => {
  for (const protocol of ["http", "tcp"] as const) {
    it(`decide as the intentions say, of ${(SCENES * REQUESTS) / 2} requests over ${protocol}`, () => {
      const scene = fc.record({
        entries: entries({ tokens: true, peers: true }),
        policy: fc.constantFrom<DefaultPolicy>("allow", "deny"),
        requests: fc.array(fc.record({ caller: fc.constantFrom(...callers), request, tokens }), {
          minLength: REQUESTS,
          maxLength: REQUESTS,
        }),
      });
      const outcomes = { true: 0, false: 0 };
      fc.assert(
        fc.property(scene, ({ entries: written, policy, requests }) => {
          const intentions = intentionsOf(written);
          const rules = compiled(intentions, policy, protocol);
          for (const asked of requests) {
            const expected = decisionOf(intentions, policy, protocol, asked);
            outcomes[`${expected}`] += 1;
            assert.equal(isAdmitted(rules, seen(asked)), expected, JSON.stringify(asked));
          }
        }),
        { numRuns: SCENES / 2 },
      );
      for (const count of Object.values(outcomes))
        assert.ok(count > (SCENES * REQUESTS) / 20, "both are met");
    });
  }
});

interface Asked {
  readonly caller: Caller;
  readonly request: GeneratedRequest;
  readonly tokens: Readonly<Record<string, object>>;
}

function compiled(intentions: readonly Intention[], policy: DefaultPolicy, protocol: Protocol): RBAC {
  const resource = accessResource(
    "api",
    protocol,
    accessRules(intentions, policy, protocol !== "tcp"),
    identities,
  );
  const { typedConfig } = unpacked(resource.any);
  const schema = protocol === "tcp" ? NetworkRbacSchema : HttpRbacSchema;
  const { rules } = (typedConfig && anyUnpack(typedConfig, schema)) ?? {};
  if (rules === undefined) throw new Error("there are no rules");
  return rules;
}

function unpacked(bytes: Uint8Array): TypedExtensionConfig {
  const config = anyUnpack(fromBinary(AnySchema, bytes), TypedExtensionConfigSchema);
  if (config === undefined) throw new Error("it is no extension's configuration");
  return config;
}

function decisionOf(
  intentions: readonly Intention[],
  policy: DefaultPolicy,
  protocol: Protocol,
  { caller, request: sent, tokens: brought }: Asked,
): boolean {
  if (caller.source === null) return policy === "allow";
  const ruled: RuledRequest = {
    method: sent.method,
    path: sent.path.split("?")[0] ?? "",
    headers: new Map(Object.entries(sent.headers)),
    tokens: new Map(Object.entries(brought)),
  };
  return decide(intentions, caller.source, "api", protocol === "tcp" ? null : ruled, policy).allowed;
}

function seen({ caller, request: sent, tokens: brought }: Asked): SeenRequest {
  const headers = new Map(Object.entries(sent.headers)).set(":method", sent.method);
  const payloads = Object.entries(brought).map(([provider, claims]) => [payloadKey(provider), claims]);
  return {
    uri: caller.uri,
    path: sent.path,
    headers,
    metadata: { [JWT_AUTHN]: Object.fromEntries(payloads) },
  };
}
