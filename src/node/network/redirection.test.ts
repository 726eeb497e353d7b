import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { transparentProxy } from "#model/job/proxy.ts";
import { canonical } from "#model/schema/canonical.ts";
import { rulesOfJob, rulesText } from "./redirection.ts";

const lines = (proxy: object, directPorts: readonly number[] = []) =>
  rulesText(
    rulesOfJob(
      { proxy: canonical(transparentProxy, proxy), inboundPort: 20_000, directPorts },
      "172.26.64.1",
    ),
  )
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /return$|dnat|redirect/.test(line));

describe("what is redirected to a transparent proxy", () => {
  it("is every TCP connection but those of the proxy, to the host and within the namespace", () => {
    assert.deepEqual(lines({}), [
      "meta skgid 19101 return",
      "meta l4proto { tcp, udp } th dport 53 dnat to 172.26.64.1:8600",
      "ip daddr 127.0.0.0/8 return",
      "ip daddr 172.26.64.1 return",
      "meta l4proto tcp redirect to :15001",
      'iifname "lo" return',
      "tcp dport 20000 return",
      "meta l4proto tcp redirect to :20000",
    ]);
  });

  it("leaves out what the job excludes", () => {
    const excluded = lines(
      {
        UID: "101",
        OutboundPort: 16_001,
        ExcludeUIDs: ["1000"],
        ExcludeOutboundCIDRs: ["10.0.0.0/8", "fd00::/8"],
        ExcludeOutboundPorts: [5432],
        NoDNS: true,
      },
      [9102],
    );
    assert.deepEqual(excluded, [
      "meta skgid 19101 return",
      "meta skuid 101 return",
      "meta skuid 1000 return",
      "ip daddr 127.0.0.0/8 return",
      "ip daddr 172.26.64.1 return",
      "ip daddr 10.0.0.0/8 return",
      "tcp dport 5432 return",
      "meta l4proto tcp redirect to :16001",
      'iifname "lo" return',
      "tcp dport 20000 return",
      "tcp dport 9102 return",
      "meta l4proto tcp redirect to :20000",
    ]);
  });
});
