import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  HeaderValueOption_HeaderAppendAction,
  type HeaderValueOptionSchema,
} from "#envoy/config/core/v3/base_pb.js";
import type { HeaderModifiers } from "#model/config-entry/header-modifiers.ts";

interface Changes {
  readonly RequestHeaders: HeaderModifiers | null;
  readonly ResponseHeaders: HeaderModifiers | null;
}

/** Changes to requests and responses, as routes and their shares take them. */
export function headerChanges({ RequestHeaders, ResponseHeaders }: Changes) {
  return {
    requestHeadersToAdd: additions(RequestHeaders),
    requestHeadersToRemove: [...(RequestHeaders?.Remove ?? [])],
    responseHeadersToAdd: additions(ResponseHeaders),
    responseHeadersToRemove: [...(ResponseHeaders?.Remove ?? [])],
  };
}

function additions(modifiers: HeaderModifiers | null): MessageInitShape<typeof HeaderValueOptionSchema>[] {
  const { APPEND_IF_EXISTS_OR_ADD, OVERWRITE_IF_EXISTS_OR_ADD } = HeaderValueOption_HeaderAppendAction;
  return [
    ...options(modifiers?.Add ?? {}, APPEND_IF_EXISTS_OR_ADD),
    ...options(modifiers?.Set ?? {}, OVERWRITE_IF_EXISTS_OR_ADD),
  ];
}

function options(
  headers: Readonly<Record<string, string>>,
  appendAction: HeaderValueOption_HeaderAppendAction,
) {
  return Object.entries(headers).map(([key, value]) => ({ header: { key, value }, appendAction }));
}
