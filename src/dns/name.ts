/** What a name in the `consul` domain asks for; Consul's forms of names. */
export type Question =
  | {
      readonly kind: "service";
      readonly service: string;
      readonly tag: string | null;
      readonly datacenter: string | null;
    }
  | { readonly kind: "virtual"; readonly service: string; readonly datacenter: string | null }
  | { readonly kind: "node"; readonly node: string; readonly datacenter: string | null }
  /** An address written as a name, as answers for services refer to it. */
  | { readonly kind: "address"; readonly address: string; readonly datacenter: string | null }
  /** A name in the domain that is of no known form. */
  | { readonly kind: "unknown" };

const DOMAIN = "consul";

/** Null for a name outside the domain. Names are compared without regard to case (RFC 1035, 2.3.3). */
export function parseName(name: string): Question | null {
  const labels = name.toLowerCase().replace(/\.$/, "").split(".");
  if (labels.pop() !== DOMAIN) return null;
  const at = labels.findLastIndex((label) => Object.hasOwn(FORMS, label));
  const form = FORMS[labels[at] ?? ""];
  const place = placeOf(labels.slice(at + 1));
  if (form === undefined || at < 1 || place === null) return { kind: "unknown" };
  return form(labels.slice(0, at), place.datacenter);
}

/**
 * `dc1`, or with a word behind each name, `default.ns.default.ap.dc1.dc`: there is one namespace and one partition.
 * Null where it names another.
 */
function placeOf(labels: readonly string[]): { readonly datacenter: string | null } | null {
  const [name, ...rest] = labels;
  if (name === undefined) return { datacenter: null };
  const [word, ...further] = rest;
  if (word === undefined) return { datacenter: name };
  if (word === "dc") return further.length === 0 ? { datacenter: name } : null;
  return name === "default" && (word === "ns" || word === "ap") ? placeOf(further) : null;
}

type Form = (before: readonly string[], datacenter: string | null) => Question;

const FORMS: Readonly<Record<string, Form>> = {
  service: service,
  connect: service,
  virtual: ([name = "", ...more], datacenter) =>
    more.length > 0 ? { kind: "unknown" } : { kind: "virtual", service: name, datacenter },
  addr: ([hex = ""], datacenter) => {
    const parts = /^([\da-f]{2})([\da-f]{2})([\da-f]{2})([\da-f]{2})$/.exec(hex)?.slice(1);
    if (parts === undefined) return { kind: "unknown" };
    return { kind: "address", address: parts.map((part) => Number.parseInt(part, 16)).join("."), datacenter };
  },
  node: (labels, datacenter) => ({ kind: "node", node: labels.join("."), datacenter }),
};

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
