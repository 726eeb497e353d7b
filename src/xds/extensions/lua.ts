import { object, string } from "#model/schema/builders.ts";
import { rule } from "#model/schema/check.ts";
import { anyFromJson } from "../envoy-json.ts";
import { extension } from "./extension.ts";
import { addHttpFilter } from "./http-filters.ts";

const schema = object("builtin/lua", "A script that sees and changes requests and answers.", {
  ProxyType: string("", { default: "connect-proxy", oneOf: ["connect-proxy", "api-gateway"] }),
  Listener: string("Of which listeners.", { default: "inbound", oneOf: ["inbound", "outbound"] }),
  Script: string("In Lua, with `envoy_on_request` and `envoy_on_response`."),
});

export const lua = extension({
  schema,
  rules: [rule(schema, "Script", ({ Script }) => Script === "" && "A script is needed.")],
  apply: (resources, { Listener, Script }) => {
    const filter = anyFromJson("envoy.extensions.filters.http.lua.v3.Lua", {
      default_source_code: { inline_string: Script },
    });
    return addHttpFilter(resources, Listener, "envoy.filters.http.lua", filter);
  },
});
