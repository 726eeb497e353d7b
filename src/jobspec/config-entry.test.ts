import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { renderDiagnostic } from "#model/render-diagnostic.ts";
import { parseConfigEntry } from "./config-entry.ts";

const told = (text: string) => {
  const { diagnostics } = parseConfigEntry("web.hcl", text);
  const sources = new Map([["web.hcl", text]]);
  return diagnostics.map((one) => renderDiagnostic(one, { sources, color: false })).join("\n");
};

describe("a config entry in a file", () => {
  it("reads the same from HCL with values, from HCL with blocks, in either case, and from JSON", () => {
    const texts = [
      `Kind = "service-router"
       Name = "web"
       Routes = [
         {
           Match = { HTTP = { PathPrefix = "/api" } }
           Destination = { Service = "api", RequestTimeout = "5s" }
         },
       ]`,
      `kind = "service-router"
       name = "web"
       routes {
         match {
           http { path_prefix = "/api" }
         }
         destination {
           service = "api"
           request_timeout = "5s"
         }
       }`,
      `Kind = "service-router" Name = "web"
       Routes = [{ Match { HTTP { PathPrefix = "/api" } } Destination { Service = "api" RequestTimeout = "5s" } }]`,
      `"Kind" = "service-router"
       Name = "web"
       Routes = [
         {
           Match {
             HTTP {
               PathPrefix = "/api"
             }
           }

           Destination {
             Service = "api",
             "RequestTimeout" = "5s"
           }
         },
       ]`,
      `{ "Kind": "service-router", "Name": "web", "CreateIndex": 4, "ModifyIndex": 5, "Routes": [
         { "Match": { "HTTP": { "PathPrefix": "/api" } }, "Destination": { "Service": "api", "RequestTimeout": 5000000000 } }] }`,
    ];
    const [first, ...others] = texts.map((text) => parseConfigEntry("web.hcl", text));
    assert.ok(first?.entry, JSON.stringify(first?.diagnostics));
    for (const other of others) assert.deepEqual(other.entry, first.entry, JSON.stringify(other.diagnostics));
  });

  it("leaves objects in a map of anything as they are", () => {
    const { entry } = parseConfigEntry(
      "web.hcl",
      `Kind = "service-defaults"
       Name = "web"
       EnvoyExtensions = [
         {
           Name = "builtin/property-override"
           Arguments = {
             Patches = [
               {
                 ResourceFilter = { ResourceType = "cluster" }
                 Op = "add"
               },
             ]
             Debug { Level = 1 }
           }
         },
       ]`,
    );
    assert.deepEqual(entry?.Kind === "service-defaults" && entry.EnvoyExtensions[0]?.Arguments, {
      Patches: [{ ResourceFilter: { ResourceType: "cluster" }, Op: "add" }],
      Debug: { Level: 1 },
    });
  });

  it("says where in the file it is wrong", () => {
    const text = [
      'Kind = "service-router"',
      'Name = "web"',
      "Routes = [",
      "  {",
      '    Match = { HTTP = { PathRegex = "(" } }',
      "  },",
      "]",
    ].join("\n");
    assert.match(told(text), /web\.hcl.*5/);
    assert.match(told(text), /PathRegex/);
    assert.match(told('Kind = "service-routr"\nName = "web"'), /on web.hcl line 1|web\.hcl:1/);
    assert.match(told('Kind = "service-routr"\nName = "web"'), /"service-router"/);
    assert.match(told('Name = "web"'), /kind\/Kind key/);
    assert.match(told('Kind = "mesh'), /web\.hcl/);
    assert.match(
      told('Kind = "mesh"\nAlowEnablingPermissiveMutualTLS = true'),
      /AllowEnablingPermissiveMutualTLS/,
    );
  });
});
