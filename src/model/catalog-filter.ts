import type { Shape } from "./filter/shape.ts";

const texts = { list: "text" } as const;
const textMap = { map: "text" } as const;
const addresses = { map: { fields: { Address: "text", Port: "number" } } } as const;

const node: Shape = {
  fields: {
    ID: "text",
    Node: "text",
    Address: "text",
    Datacenter: "text",
    TaggedAddresses: textMap,
    Meta: textMap,
  },
};

const service: Shape = {
  fields: {
    Kind: "text",
    ID: "text",
    Service: "text",
    Tags: texts,
    Meta: textMap,
    Address: "text",
    TaggedAddresses: addresses,
    Port: "number",
    SocketPath: "text",
    Weights: { fields: { Passing: "number", Warning: "number" } },
    EnableTagOverride: "boolean",
    Proxy: {
      fields: {
        DestinationServiceName: "text",
        DestinationServiceID: "text",
        LocalServiceAddress: "text",
        LocalServicePort: "number",
        Mode: "text",
      },
    },
    Connect: { fields: { Native: "boolean" } },
  },
};

const check: Shape = {
  fields: {
    Node: "text",
    CheckID: "text",
    Name: "text",
    Status: "text",
    Notes: "text",
    Output: "text",
    ServiceID: "text",
    ServiceName: "text",
    ServiceTags: texts,
    Type: "text",
  },
};

/** One instance of a service with its node and checks: the rows of `/v1/health/service`, and of resolver subsets. */
export const healthRow: Shape = { fields: { Node: node, Service: service, Checks: { list: check } } };
