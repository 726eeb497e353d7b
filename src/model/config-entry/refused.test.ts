import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import { pathText } from "../diagnostic.ts";
import { readConfigEntry } from "./config-entry.ts";

/** By kind: fields of an entry that is refused, and the place and reason that it is told. */
type Cases = readonly (readonly [fields: object, place: string, reason: RegExp])[];

const route = (HTTP: object, Destination: object = {}) => ({ Routes: [{ Match: { HTTP }, Destination }] });
const destination = (Destination: object) => route({ PathPrefix: "/" }, Destination);
const header = (one: object) => route({ Header: [one] });
const split = (...Splits: object[]) => ({ Splits });
const targets = (...Targets: object[]) => ({ Failover: { "*": { Targets } } });
const balanced = (LoadBalancer: object) => ({ LoadBalancer });
const hashed = (policy: object) => balanced({ Policy: "maglev", HashPolicies: [policy] });
const upstream = (settings: object) => ({ UpstreamConfig: { Defaults: settings } });
const listener = (fields: object) => ({ Listeners: [{ Port: 80, Services: [{ Name: "a" }], ...fields }] });
const web = (...Services: object[]) => listener({ Protocol: "http", Services });
const apiListener = (...Listeners: object[]) => ({ Listeners });
const rules = (...Rules: object[]) => ({ Parents: [{ Name: "gw" }], Rules });
const rsa1024 = generateKeyPairSync("rsa", {
  modulusLength: 1024,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

const refused: Readonly<Record<string, Cases>> = {
  "proxy-defaults": [
    [{ Name: "all" }, "Name", /"global"/],
    [{ Config: { protocol: "udp" } }, "Config.Protocol", /"http"/],
    [{ Config: { local_connect_timeout_ms: -1 } }, "Config.LocalConnectTimeoutMs", /less than/],
    [{ Config: { max_inbound_connections: "many" } }, "Config.MaxInboundConnections", /whole number/],
    [{ Config: { envoy_listener_tracing_json: "{" } }, "Config.EnvoyListenerTracingJSON", /JSON object/],
    [
      { Config: { envoy_extra_static_clusters_json: "[" } },
      "Config.EnvoyExtraStaticClustersJSON",
      /JSON objects/,
    ],
    [{ Mode: "opaque" }, "Mode", /"transparent"/],
    [{ MutualTLSMode: "none" }, "MutualTLSMode", /"strict"/],
    [{ MeshGateway: { Mode: "far" } }, "MeshGateway.Mode", /"remote"/],
    [{ TransparentProxy: { OutboundListenerPort: 70000 } }, "TransparentProxy.OutboundListenerPort", /65535/],
    [{ Expose: { Paths: [{ LocalPathPort: 1, ListenerPort: 2 }] } }, "Expose.Paths[0].Path", /which path/],
    [
      { Expose: { Paths: [{ Path: "x", LocalPathPort: 1, ListenerPort: 2 }] } },
      "Expose.Paths[0].Path",
      /begins with/,
    ],
    [{ Expose: { Paths: [{ Path: "/", LocalPathPort: 1 }] } }, "Expose.Paths[0].ListenerPort", /from 1/],
    [{ Expose: { Paths: [{ Path: "/", ListenerPort: 1 }] } }, "Expose.Paths[0].LocalPathPort", /from 1/],
    [{ AccessLogs: { Type: "file" } }, "AccessLogs.Path", /need one another/],
    [{ AccessLogs: { Path: "/x" } }, "AccessLogs.Path", /need one another/],
    [{ AccessLogs: { Type: "syslog" } }, "AccessLogs.Type", /"stdout"/],
    [{ AccessLogs: { JSONFormat: "{}", TextFormat: "x" } }, "AccessLogs.TextFormat", /exclude/],
    [{ AccessLogs: { JSONFormat: "x" } }, "AccessLogs.JSONFormat", /JSON object/],
    [
      { AccessLogs: { JSONFormat: '{"a":{"b":"%NOPE%"}}' } },
      "AccessLogs.JSONFormat",
      /knows no command %NOPE%/,
    ],
    [{ AccessLogs: { TextFormat: "%PROTOCOL(1)%" } }, "AccessLogs.TextFormat", /no parameters/],
    [{ AccessLogs: { TextFormat: "%REQ%" } }, "AccessLogs.TextFormat", /needs parameters/],
    [{ EnvoyExtensions: [{}] }, "EnvoyExtensions[0].Name", /Name the extension/],
    [{ Namespace: "team" }, "Namespace", /Consul Enterprise/],
    [{ Meta: { "a b": "x" } }, 'Meta["a b"]', /letters, digits/],
    [{ Meta: { a: "x".repeat(513) } }, "Meta.a", /512/],
    [{ Meta: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, ""])) }, "Meta", /At most 64/],
  ],
  "service-defaults": [
    [{ Name: "*" }, "Name", /proxy-defaults/],
    [{ Name: "" }, "Name", /has a Name/],
    [{ Name: "a b" }, "Name", /no spaces/],
    [{ Name: "a".repeat(254) }, "Name", /at most 253/],
    [{ Protocol: "htp" }, "Protocol", /"http"/],
    [{ Protocoll: "http" }, "Protocoll", /"Protocol"/],
    [{ MaxInboundConnections: -1 }, "MaxInboundConnections", /less than/],
    [{ MaxRequestHeadersKB: 9000 }, "MaxRequestHeadersKB", /more than/],
    [{ BalanceInboundConnections: "even" }, "BalanceInboundConnections", /"exact_balance"/],
    [{ ExternalSNI: "not a host" }, "ExternalSNI", /name of a host/],
    [upstream({ Name: "db" }), "UpstreamConfig.Defaults.Name", /every upstream/],
    [upstream({ ConnectTimeoutMs: -1 }), "UpstreamConfig.Defaults.ConnectTimeoutMs", /less than/],
    [upstream({ Limits: { MaxConnections: -1 } }), "UpstreamConfig.Defaults.Limits.MaxConnections", /less/],
    [upstream({ EnvoyClusterJSON: "{" }), "UpstreamConfig.Defaults.EnvoyClusterJSON", /JSON object/],
    [
      upstream({ PassiveHealthCheck: { MaxEjectionPercent: 101 } }),
      "UpstreamConfig.Defaults.PassiveHealthCheck.MaxEjectionPercent",
      /more than/,
    ],
    [
      upstream({ PassiveHealthCheck: { Interval: "-1s" } }),
      "UpstreamConfig.Defaults.PassiveHealthCheck.Interval",
      /less than/,
    ],
    [{ UpstreamConfig: { Overrides: [{ Name: "*" }] } }, "UpstreamConfig.Overrides[0].Name", /one upstream/],
    [
      { UpstreamConfig: { Overrides: [{ Name: "a" }, { Name: "a" }] } },
      "UpstreamConfig.Overrides[1].Name",
      /more than once/,
    ],
    [{ Destination: { Port: 1 } }, "Destination.Addresses", /At least one/],
    [{ Destination: { Addresses: ["a.b"] } }, "Destination.Port", /from 1/],
    [{ Destination: { Addresses: ["*.b"], Port: 1 } }, "Destination.Addresses[0]", /neither/],
    [{ Destination: { Addresses: ["a.b", "A.B"], Port: 1 } }, "Destination.Addresses[1]", /more than once/],
    [{ Destination: { Addresses: ["a.b"], Port: 1 }, UpstreamConfig: {} }, "Destination", /exclude/],
    [
      { RateLimits: { InstanceLevel: { RequestsMaxBurst: 5 } } },
      "RateLimits.InstanceLevel.RequestsMaxBurst",
      /needs RequestsPerSecond/,
    ],
    [
      { RateLimits: { InstanceLevel: { Routes: [{ PathExact: "/", PathPrefix: "/" }] } } },
      "RateLimits.InstanceLevel.Routes[0]",
      /Exactly one/,
    ],
  ],
  "service-router": [
    [route({ PathExact: "/", PathPrefix: "/" }), "Routes[0].Match.HTTP", /exclude/],
    [route({ PathExact: "x" }), "Routes[0].Match.HTTP.PathExact", /begins with/],
    [route({ PathPrefix: "x" }), "Routes[0].Match.HTTP.PathPrefix", /begins with/],
    [route({ PathRegex: "(" }), "Routes[0].Match.HTTP.PathRegex", /./],
    [route({ PathRegex: "(?=x)" }), "Routes[0].Match.HTTP.PathRegex", /./],
    [route({ Methods: ["FETCH"] }), "Routes[0].Match.HTTP.Methods[0]", /GET/],
    [route({ Methods: ["GET", "get"] }), "Routes[0].Match.HTTP.Methods[1]", /more than once/],
    [header({ Present: true }), "Routes[0].Match.HTTP.Header[0].Name", /no name of a header/],
    [header({ Name: "a b", Present: true }), "Routes[0].Match.HTTP.Header[0].Name", /no name of a header/],
    [header({ Name: "a" }), "Routes[0].Match.HTTP.Header[0]", /Exactly one/],
    [header({ Name: "a", Exact: "b", Prefix: "b" }), "Routes[0].Match.HTTP.Header[0]", /Exactly one/],
    [header({ Name: "a", Regex: "[" }), "Routes[0].Match.HTTP.Header[0].Regex", /./],
    [header({ Name: "a", Exact: "b\nc" }), "Routes[0].Match.HTTP.Header[0]", /Line breaks/],
    [
      route({ QueryParam: [{ Exact: "b" }] }),
      "Routes[0].Match.HTTP.QueryParam[0].Name",
      /Name the parameter/,
    ],
    [route({ QueryParam: [{ Name: "a" }] }), "Routes[0].Match.HTTP.QueryParam[0]", /Exactly one/],
    [route({}, { PrefixRewrite: "/" }), "Routes[0].Destination.PrefixRewrite", /needs PathExact/],
    [
      route({ PathRegex: "/x" }, { PrefixRewrite: "/" }),
      "Routes[0].Destination.PrefixRewrite",
      /needs PathExact/,
    ],
    [destination({ PrefixRewrite: "x" }), "Routes[0].Destination.PrefixRewrite", /begins with/],
    [destination({ RequestTimeout: "-1s" }), "Routes[0].Destination.RequestTimeout", /less than/],
    [destination({ RequestTimeout: "soon" }), "Routes[0].Destination.RequestTimeout", /duration/],
    [destination({ NumRetries: -1 }), "Routes[0].Destination.NumRetries", /less than/],
    [destination({ RetryOn: ["4xx"] }), "Routes[0].Destination.RetryOn[0]", /"5xx"/],
    [destination({ RetryOnStatusCodes: [99] }), "Routes[0].Destination.RetryOnStatusCodes[0]", /no status/],
    [
      destination({ RequestHeaders: { Set: { ":path": "/" } } }),
      'Routes[0].Destination.RequestHeaders.Set[":path"]',
      /does not change/,
    ],
    [
      destination({ RequestHeaders: { Add: { Host: "x" } } }),
      "Routes[0].Destination.RequestHeaders.Add.Host",
      /does not change/,
    ],
    [
      destination({ ResponseHeaders: { Add: { "x-a": "100%" } } }),
      'Routes[0].Destination.ResponseHeaders.Add["x-a"]',
      /written %%/,
    ],
    [
      destination({ ResponseHeaders: { Remove: ["x a"] } }),
      "Routes[0].Destination.ResponseHeaders.Remove[0]",
      /no name of a header/,
    ],
  ],
  "service-splitter": [
    [split(), "Splits", /no splits configured/],
    [split({ Weight: 90 }), "Splits", /must be 100, not 90/],
    [split({ Weight: 99.999 }), "Splits[0].Weight", /steps of 0.01/],
    [split({ Weight: 101 }), "Splits[0].Weight", /more than/],
    [split({ Weight: -1 }, { Weight: 100, Service: "b" }), "Splits[0].Weight", /less than/],
    [split({ Weight: 50 }, { Weight: 50, Service: "main" }), "Splits[1]", /same service/],
  ],
  "service-resolver": [
    [{ DefaultSubset: "v1" }, "DefaultSubset", /no subset named "v1"/],
    [{ Subsets: { V1: {} } }, "Subsets.V1", /lower-case/],
    [{ Subsets: { "a-": {} } }, 'Subsets["a-"]', /ends/],
    [{ Subsets: { v1: { Filter: "Service.Meta.version" } } }, "Subsets.v1.Filter", /expected ==/],
    [{ Subsets: { v1: { Filter: "Service.Mata.version == 1" } } }, "Subsets.v1.Filter", /"Meta"/],
    [{ Redirect: {} }, "Redirect", /says nothing/],
    [{ Redirect: { ServiceSubset: "v1" } }, "Redirect.ServiceSubset", /needs Service/],
    [{ Redirect: { Peer: "p" } }, "Redirect.Peer", /needs Service/],
    [{ Redirect: { Service: "a", Peer: "p", Datacenter: "d" } }, "Redirect.Peer", /excludes/],
    [{ Redirect: { Service: "a" }, Failover: { "*": { Service: "b" } } }, "Redirect", /exclude/],
    [{ Failover: { v1: { Service: "b" } } }, "Failover.v1", /no subset/],
    [{ Failover: { "*": {} } }, 'Failover["*"]', /says nothing/],
    [{ Failover: { "*": { Datacenters: [""] } } }, 'Failover["*"].Datacenters', /not empty/],
    [{ Failover: { "*": { ServiceSubset: "v1" } } }, 'Failover["*"].ServiceSubset', /no subset/],
    [{ Failover: { "*": { Service: "b", Targets: [{ Peer: "p" }] } } }, 'Failover["*"].Targets', /exclude/],
    [targets({}), 'Failover["*"].Targets[0]', /says nothing/],
    [targets({ Peer: "p", Datacenter: "d" }), 'Failover["*"].Targets[0].Peer', /excludes/],
    [targets({ ServiceSubset: "v9" }), 'Failover["*"].Targets[0].ServiceSubset', /no subset/],
    [{ ConnectTimeout: "-1s" }, "ConnectTimeout", /less than/],
    [{ RequestTimeout: "-1s" }, "RequestTimeout", /less than/],
    [balanced({ Policy: "fair" }), "LoadBalancer.Policy", /"maglev"/],
    [balanced({ HashPolicies: [{ SourceIP: true }] }), "LoadBalancer.HashPolicies", /ring_hash or maglev/],
    [balanced({ RingHashConfig: {} }), "LoadBalancer.RingHashConfig", /ring_hash/],
    [balanced({ LeastRequestConfig: {} }), "LoadBalancer.LeastRequestConfig", /least_request/],
    [
      balanced({ Policy: "least_request", LeastRequestConfig: { ChoiceCount: 1 } }),
      "LoadBalancer.LeastRequestConfig.ChoiceCount",
      /At least 2/,
    ],
    [
      balanced({ Policy: "ring_hash", RingHashConfig: { MinimumRingSize: 9, MaximumRingSize: 8 } }),
      "LoadBalancer.RingHashConfig.MaximumRingSize",
      /at least MinimumRingSize/,
    ],
    [hashed({}), "LoadBalancer.HashPolicies[0].Field", /Exactly one/],
    [hashed({ Field: "header" }), "LoadBalancer.HashPolicies[0].FieldValue", /need one another/],
    [
      hashed({ Field: "header", FieldValue: "x", CookieConfig: {} }),
      "LoadBalancer.HashPolicies[0].CookieConfig",
      /"cookie"/,
    ],
    [
      hashed({ Field: "cookie", FieldValue: "x", CookieConfig: { Session: true, TTL: "1s" } }),
      "LoadBalancer.HashPolicies[0].CookieConfig.Session",
      /no TTL/,
    ],
  ],
  mesh: [
    [{ Name: "main" }, "Name", /"mesh"/],
    [
      { TLS: { Incoming: { TLSMinVersion: "TLSv1_3", TLSMaxVersion: "TLSv1_2" } } },
      "TLS.Incoming.TLSMaxVersion",
      /less than the least/,
    ],
    [{ TLS: { Outgoing: { TLSMinVersion: "TLSv1" } } }, "TLS.Outgoing.TLSMinVersion", /"TLSv1_2"/],
    [{ TLS: { Outgoing: { CipherSuites: ["RC4"] } } }, "TLS.Outgoing.CipherSuites[0]", /TLS_ECDHE/],
    [
      { TLS: { Outgoing: { TLSMinVersion: "TLSv1_3", CipherSuites: ["TLS_RSA_WITH_AES_128_CBC_SHA"] } } },
      "TLS.Outgoing.CipherSuites",
      /cannot be chosen/,
    ],
    [
      { HTTP: { Incoming: { RequestNormalization: { HeadersWithUnderscoresAction: "KEEP" } } } },
      "HTTP.Incoming.RequestNormalization.HeadersWithUnderscoresAction",
      /"DROP_HEADER"/,
    ],
  ],
  "exported-services": [
    [{ Name: "mine" }, "Name", /"default"/],
    [{ Services: [{ Consumers: [{ Peer: "p" }] }] }, "Services[0].Name", /Name a service/],
    [{ Services: [{ Name: "a" }] }, "Services[0].Consumers", /At least one/],
    [
      { Services: [{ Name: "a", Consumers: [{ Peer: "*" }] }] },
      "Services[0].Consumers[0].Peer",
      /no wildcard/,
    ],
    [
      { Services: [1, 2].map(() => ({ Name: "a", Consumers: [{ Peer: "p" }] })) },
      "Services[1].Name",
      /more than once/,
    ],
  ],
  "ingress-gateway": [
    [listener({ Port: 0 }), "Listeners[0].Port", /from 1/],
    [
      { Listeners: [1, 2].map(() => ({ Port: 1, Services: [{ Name: "a" }] })) },
      "Listeners[1].Port",
      /before it/,
    ],
    [listener({ Services: [] }), "Listeners[0].Services", /at least one/],
    [listener({ Services: [{ Name: "a" }, { Name: "b" }] }), "Listeners[0].Services", /exactly one/],
    [listener({ Services: [{ Name: "*" }] }), "Listeners[0].Services[0].Name", /wildcard/],
    [listener({ Services: [{ Name: "a", Hosts: ["x.y"] }] }), "Listeners[0].Services[0]", /need a protocol/],
    [
      listener({ Services: [{ Name: "a", RequestHeaders: {} }] }),
      "Listeners[0].Services[0]",
      /need a protocol/,
    ],
    [web({ Name: "" }), "Listeners[0].Services[0].Name", /Name a service/],
    [web({ Name: "*", Hosts: ["x.y"] }), "Listeners[0].Services[0].Hosts", /wildcard/],
    [web({ Name: "a", Hosts: ["x.*"] }), "Listeners[0].Services[0].Hosts[0]", /no name of a host/],
    [web({ Name: "a" }, { Name: "a" }), "Listeners[0].Services[1].Name", /more than once/],
    [
      web({ Name: "a", Hosts: ["x.y"] }, { Name: "b", Hosts: ["X.y"] }),
      "Listeners[0].Services[1].Hosts[0]",
      /before it/,
    ],
    [
      { TLS: { Enabled: true }, ...web({ Name: "a", Hosts: ["*"] }) },
      "Listeners[0].Services[0].Hosts[0]",
      /With TLS/,
    ],
    [
      web({ Name: "a", TLS: { SDS: { ClusterName: "c", CertResource: "r" } } }),
      "Listeners[0].Services[0].TLS",
      /needs Hosts/,
    ],
    [
      web({ Name: "a", Hosts: ["x.y"], TLS: { SDS: { CertResource: "r" } } }),
      "Listeners[0].Services[0].TLS.SDS.ClusterName",
      /which cluster/,
    ],
    [{ TLS: { CipherSuites: ["x"] }, ...listener({}) }, "TLS.CipherSuites[0]", /TLS_ECDHE/],
  ],
  "terminating-gateway": [
    [{ Services: [{}] }, "Services[0].Name", /Name a service/],
    [{ Services: [{ Name: "a" }, { Name: "a" }] }, "Services[1].Name", /more than once/],
    [{ Services: [{ Name: "a", CAFile: "c", CertFile: "x" }] }, "Services[0]", /need one another/],
    [{ Services: [{ Name: "a", CertFile: "x", KeyFile: "y" }] }, "Services[0].CAFile", /need CAFile/],
    [{ Services: [{ Name: "a", SNI: "x.y" }] }, "Services[0].SNI", /needs CAFile/],
    [{ Services: [{ Name: "a", CAFile: "c", SNI: "x y" }] }, "Services[0].SNI", /name of a host/],
  ],
  "api-gateway": [
    [apiListener(), "Listeners", /At least one/],
    [apiListener({ Name: "a_b", Port: 1 }), "Listeners[0].Name", /letters, digits and dashes/],
    [apiListener({ Name: "a" }), "Listeners[0].Port", /from 1/],
    [apiListener({ Name: "a", Port: 1 }, { Name: "a", Port: 2 }), "Listeners[1].Name", /before it/],
    [apiListener({ Name: "a", Port: 1, Hostname: "x.y" }), "Listeners[0].Hostname", /TCP/],
    [
      apiListener({ Name: "a", Port: 1, Protocol: "http", Hostname: "x.*" }),
      "Listeners[0].Hostname",
      /wildcard/,
    ],
    [
      apiListener({ Name: "a", Port: 1, Protocol: "http" }, { Name: "b", Port: 1 }),
      "Listeners[1].Port",
      /same Protocol/,
    ],
    [
      apiListener({ Name: "a", Port: 1, TLS: { Certificates: [{}] } }),
      "Listeners[0].TLS.Certificates[0].Name",
      /Name the certificate/,
    ],
    [
      apiListener({ Name: "a", Port: 1, TLS: { Certificates: [{ Kind: "pem", Name: "x" }] } }),
      "Listeners[0].TLS.Certificates[0].Kind",
      /"inline-certificate"/,
    ],
  ],
  "http-route": [
    [{ Parents: [{}] }, "Parents[0].Name", /Name the gateway/],
    [{ Parents: [{ Name: "a" }, { Name: "a" }] }, "Parents[1]", /the same/],
    [{ Hostnames: ["*.x"] }, "Hostnames[0]", /wildcards/],
    [rules({ Matches: [{ Path: { Value: "x" } }] }), "Rules[0].Matches[0].Path.Value", /begins with/],
    [rules({ Matches: [{ Path: { Match: "regex", Value: "(" } }] }), "Rules[0].Matches[0].Path.Value", /./],
    [rules({ Matches: [{ Method: "FETCH" }] }), "Rules[0].Matches[0].Method", /"GET"/],
    [
      rules({ Matches: [{ Headers: [{ Name: "a" }] }] }),
      "Rules[0].Matches[0].Headers[0].Value",
      /looked for/,
    ],
    [
      rules({ Matches: [{ Query: [{ Value: "a" }] }] }),
      "Rules[0].Matches[0].Query[0].Name",
      /Name the parameter/,
    ],
    [rules({ Services: [{}] }), "Rules[0].Services[0].Name", /Name the service/],
    [rules({ Filters: { URLRewrite: { Path: "x" } } }), "Rules[0].Filters.URLRewrite.Path", /begins with/],
    [
      rules({ Filters: { RetryFilter: { RetryOnStatusCodes: [1] } } }),
      "Rules[0].Filters.RetryFilter.RetryOnStatusCodes[0]",
      /no status/,
    ],
    [
      rules({ Filters: { Headers: [{ Set: { "": "x" } }] } }),
      'Rules[0].Filters.Headers[0].Set[""]',
      /no name/,
    ],
  ],
  "tcp-route": [
    [{ Services: [{ Name: "a" }, { Name: "b" }] }, "Services", /one service/],
    [{ Services: [{}] }, "Services[0].Name", /Name the service/],
    [{ Parents: [{ Kind: "mesh-gateway", Name: "a" }] }, "Parents[0].Kind", /"api-gateway"/],
  ],
  "inline-certificate": [
    [{ Certificate: "x" }, "Certificate", /as PEM/],
    [{ PrivateKey: "x" }, "PrivateKey", /as PEM/],
    [{ PrivateKey: rsa1024.privateKey }, "PrivateKey", /at least 2048 bits, not 1024/],
  ],
  "file-system-certificate": [
    [{ PrivateKey: "/k" }, "Certificate", /Name the file/],
    [{ Certificate: "/c" }, "PrivateKey", /Name the file/],
  ],
};

const usualNames: Readonly<Record<string, string>> = {
  "proxy-defaults": "global",
  mesh: "mesh",
  "exported-services": "default",
};

for (const [kind, cases] of Object.entries(refused)) {
  describe(`${kind} is refused`, () => {
    for (const [fields, place, reason] of cases) {
      it(`${place}: ${reason.source}`, () => {
        const { entry, problems } = readConfigEntry({
          Kind: kind,
          Name: usualNames[kind] ?? "main",
          ...fields,
        });
        const told = problems.map(({ path = [], detail }) => ({ place: pathText(path), detail }));
        assert.equal(entry, null, "it is taken");
        assert.ok(
          told.some((one) => one.place === place && reason.test(one.detail)),
          JSON.stringify(told, null, 2),
        );
      });
    }
  });
}
