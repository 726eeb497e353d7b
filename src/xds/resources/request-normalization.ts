import { HttpProtocolOptions_HeadersWithUnderscoresAction as UnderscoresAction } from "#envoy/config/core/v3/protocol_pb.js";
import { HttpConnectionManager_PathWithEscapedSlashesAction as SlashesAction } from "#envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import type { RequestNormalization } from "#model/config-entry/mesh.ts";

const SLASHES: Readonly<Record<RequestNormalization["PathWithEscapedSlashesAction"], SlashesAction>> = {
  "": SlashesAction.IMPLEMENTATION_SPECIFIC_DEFAULT,
  IMPLEMENTATION_SPECIFIC_DEFAULT: SlashesAction.IMPLEMENTATION_SPECIFIC_DEFAULT,
  KEEP_UNCHANGED: SlashesAction.KEEP_UNCHANGED,
  REJECT_REQUEST: SlashesAction.REJECT_REQUEST,
  UNESCAPE_AND_REDIRECT: SlashesAction.UNESCAPE_AND_REDIRECT,
  UNESCAPE_AND_FORWARD: SlashesAction.UNESCAPE_AND_FORWARD,
};

const UNDERSCORES: Readonly<Record<RequestNormalization["HeadersWithUnderscoresAction"], UnderscoresAction>> =
  {
    "": UnderscoresAction.ALLOW,
    ALLOW: UnderscoresAction.ALLOW,
    REJECT_REQUEST: UnderscoresAction.REJECT_REQUEST,
    DROP_HEADER: UnderscoresAction.DROP_HEADER,
  };

/** A rule for a path must see the path that the task will see, however it was spelled. */
export function requestNormalization(settings: RequestNormalization | null) {
  return {
    normalizePath: !settings?.InsecureDisablePathNormalization,
    mergeSlashes: settings?.MergeSlashes ?? false,
    pathWithEscapedSlashesAction: SLASHES[settings?.PathWithEscapedSlashesAction ?? ""],
    commonHttpProtocolOptions: {
      headersWithUnderscoresAction: UNDERSCORES[settings?.HeadersWithUnderscoresAction ?? ""],
    },
  };
}
