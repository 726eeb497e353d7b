/** What a name in the `consul` domain asks for; Consul's forms of names. */
export type Question =
  | {
      readonly kind: "service";
      readonly service: string;
      readonly tag: string | null;
      readonly datacenter: string | null;
    }
  /** A place with no word behind it may be a peer or a datacenter. */
  | ({ readonly kind: "virtual"; readonly service: string } & Place)
  | { readonly kind: "node"; readonly node: string; readonly datacenter: string | null }
  /** An address written as a name, as answers for services refer to it. */
  | { readonly kind: "address"; readonly address: string; readonly datacenter: string | null }
  /** A name in the domain that is of no known form. */
  | { readonly kind: "unknown" };

interface Place {
  readonly datacenter: string | null;
  readonly peer: string | null;
}

const DOMAIN = "consul";

/** Null for a name outside the domain. Names are compared without regard to case (RFC 1035, 2.3.3). */
export function parseName(name: string): Question | null {
  const labels = name.toLowerCase().replace(/\.$/, "").split(".");
  if (labels.pop() !== DOMAIN) return null;
  const at = labels.findLastIndex((label) => Object.hasOwn(FORMS, label));
  const form = FORMS[labels[at] ?? ""];
  const place = placeOf(labels.slice(at + 1));
  if (form === undefined || at < 1 || place === null) return { kind: "unknown" };
  return form(labels.slice(0, at), place);
}

/**
 * `dc1` or `cloud`, or with a word behind each name, `default.ns.default.ap.dc1.dc` or `cloud.peer`: there is one
 * namespace and one partition. Null where it names another.
 */
function placeOf(labels: readonly string[]): Place | null {
  const [name, ...rest] = labels;
  if (name === undefined) return { datacenter: null, peer: null };
  const [word, ...further] = rest;
  if (word === undefined) return { datacenter: name, peer: name };
  if (word === "dc") return further.length === 0 ? { datacenter: name, peer: null } : null;
  if (word === "peer") return further.length === 0 ? { datacenter: null, peer: name } : null;
  return name === "default" && (word === "ns" || word === "ap") ? placeOf(further) : null;
}

type Form = (before: readonly string[], place: Place) => Question;

const FORMS: Readonly<Record<string, Form>> = {
  service: here(service),
  connect: here(service),
  virtual: ([name = "", ...more], place) =>
    more.length > 0 ? { kind: "unknown" } : { kind: "virtual", service: name, ...place },
  addr: here(([hex = ""], datacenter) => {
    const parts = /^([\da-f]{2})([\da-f]{2})([\da-f]{2})([\da-f]{2})$/.exec(hex)?.slice(1);
    if (parts === undefined) return { kind: "unknown" };
    return { kind: "address", address: parts.map((part) => Number.parseInt(part, 16)).join("."), datacenter };
  }),
  node: here((labels, datacenter) => ({ kind: "node", node: labels.join("."), datacenter })),
};

/** A form that does not know of peers. */
function here(form: (before: readonly string[], datacenter: string | null) => Question): Form {
  return (before, { datacenter, peer }) =>
    datacenter === null && peer !== null ? { kind: "unknown" } : form(before, datacenter);
}

/** `web.service`, `v1.web.service`, and the form of RFC 2782, `_web._tcp.service` or `_web._v1.service`. */
function service(labels: readonly string[], datacenter: string | null): Question {
  const [first = "", second, ...more] = labels;
  if (more.length > 0) return { kind: "unknown" };
  if (second === undefined) return { kind: "service", service: first, tag: null, datacenter };
  if (!first.startsWith("_") || !second.startsWith("_"))
    return { kind: "service", service: second, tag: first, datacenter };
  const tag = second === "_tcp" ? null : second.slice(1);
  return { kind: "service", service: first.slice(1), tag, datacenter };
}
