import type { Shape } from "./filter/shape.ts";

const texts = { list: "text" } as const;
const textMap = { map: "text" } as const;
const addresses = { map: { fields: { Address: "text", Port: "number" } } } as const;

const weights = { fields: { Passing: "number", Warning: "number" } } as const;
const connect = { fields: { Native: "boolean" } } as const;
const proxy = {
  fields: {
    DestinationServiceName: "text",
    DestinationServiceID: "text",
    LocalServiceAddress: "text",
    LocalServicePort: "number",
    Mode: "text",
  },
} as const;

export const nodeShape: Shape = {
  fields: {
    ID: "text",
    Node: "text",
    Address: "text",
    Datacenter: "text",
    TaggedAddresses: textMap,
    Meta: textMap,
  },
};

export const serviceShape: Shape = {
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
    Weights: weights,
    EnableTagOverride: "boolean",
    Proxy: proxy,
    Connect: connect,
  },
};

export const checkShape: Shape = {
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
export const healthShape: Shape = {
  fields: { Node: nodeShape, Service: serviceShape, Checks: { list: checkShape } },
};

/** The rows of `/v1/connect/intentions`. */
export const intentionShape: Shape = {
  fields: {
    ID: "text",
    Action: "text",
    Description: "text",
    SourceName: "text",
    SourceNS: "text",
    SourcePartition: "text",
    SourcePeer: "text",
    SourceType: "text",
    DestinationName: "text",
    DestinationNS: "text",
    DestinationPartition: "text",
    Precedence: "number",
    Meta: textMap,
  },
};

/** A node and a service in one: the rows of `/v1/catalog/service`. */
export const catalogShape: Shape = {
  fields: {
    ID: "text",
    Node: "text",
    Address: "text",
    Datacenter: "text",
    TaggedAddresses: textMap,
    NodeMeta: textMap,
    ServiceKind: "text",
    ServiceID: "text",
    ServiceName: "text",
    ServiceTags: texts,
    ServiceAddress: "text",
    ServiceTaggedAddresses: addresses,
    ServiceMeta: textMap,
    ServicePort: "number",
    ServiceWeights: weights,
    ServiceEnableTagOverride: "boolean",
    ServiceProxy: proxy,
    ServiceConnect: connect,
  },
};
