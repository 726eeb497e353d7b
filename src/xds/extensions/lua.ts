import { object, string } from "#model/schema/builders.ts";
import { anyFromJson } from "../envoy-json.ts";
import { argumentsOf } from "./arguments.ts";
import type { Extension } from "./extension.ts";
import { addHttpFilter } from "./http-filters.ts";

const schema = object("builtin/lua", "A script that sees and changes requests and answers.", {
  ProxyType: string("", { default: "connect-proxy", oneOf: ["connect-proxy", "api-gateway"] }),
  Listener: string("Of which listeners.", { default: "inbound", oneOf: ["inbound", "outbound"] }),
  Script: string("In Lua, with `envoy_on_request` and `envoy_on_response`."),
});

export const lua: Extension = (resources, args) => {
  const { Listener, Script } = argumentsOf(schema, args);
  if (Script === "") throw new Error("Script: a script is needed");
  const filter = anyFromJson("envoy.extensions.filters.http.lua.v3.Lua", {
    default_source_code: { inline_string: Script },
  });
  return addHttpFilter(resources, Listener, "envoy.filters.http.lua", filter);
};
