import fc from "fast-check";
import type { ServiceIntentions } from "../../src/model/config-entry/service-intentions.ts";
import { intentionEntry } from "./intention-entry.ts";

/** Generated intentions and requests that are likely to meet each other. */

export const PROVIDERS = ["okta", "auth0"];

const PATHS = ["/", "/admin", "/admin/", "/admin/users", "/v1/secret", "/v1", "/a b", "/public"];
const PATTERNS = ["/v[0-9]+/.*", "(?i)/ADMIN", "/admin(/.*)?", "/[^/]*", ".*secret.*", "/|/public"];
const HEADERS = ["x-role", "X-Team", "x_under"];
const VALUES = ["admin", "Admin", "adm", "min", "user", "red,blue"];
const METHODS = ["GET", "POST", "DELETE"];

/** Spellings that a client may try to get past a rule. */
const SPELLINGS = [
  ...["/", "/admin", "/admin/", "/Admin", "/ADMIN", "//admin", "///admin", "/admin//users"],
  ...["/./admin", "/x/../admin", "/x/..//admin", "/admin/.", "/admin/..", "/admin/../v1/secret", "/.//admin"],
  ...[
    "/%61dmin",
    "/%41dmin",
    "/admin%2Fusers",
    "/admin%2fusers",
    "/%2e/admin",
    "/x/%2e%2e/admin",
    "/x/%2E%2E/admin",
  ],
  ...["/admin%5Cusers", "/admin\\users", "/\\admin", "/admin%00", "/admin%20", "/admin;x=1", "/admin/;x"],
  ...[
    "/admin?x=1",
    "/admin?/public",
    "/public?/admin",
    "/v1/secret",
    "/v1/secret/",
    "/v1//secret",
    "/v1/%73ecret",
  ],
  ...[
    "/v1%2Fsecret",
    "/v1/public/../secret",
    "/public/..%2fadmin",
    "/public/%2e%2e%2fadmin",
    "/v12/x",
    "/v/x",
  ],
  ...[
    "/a%20b",
    "/a+b",
    "/admin%252Fusers",
    "/%2561dmin",
    "/admin%",
    "/admin%zz",
    "/admin/users%3Fx",
    "/adm%69n",
  ],
];

const text = (choices: readonly string[]) => fc.constantFrom(...choices);

const header = fc
  .record({
    Name: text(HEADERS),
    way: text(["Present", "Exact", "Prefix", "Suffix", "Contains", "Regex"]),
    value: text(VALUES),
    Invert: fc.boolean(),
    fold: fc.boolean(),
  })
  .map(({ Name, way, value, Invert, fold }) => ({
    Name,
    Invert,
    [way]: way === "Present" ? true : way === "Regex" ? `${value}.*` : value,
    IgnoreCase: fold && way !== "Present" && way !== "Regex",
  }));

const path = fc.oneof(
  fc.constant({}),
  text(PATHS).map((PathExact) => ({ PathExact })),
  text(PATHS).map((PathPrefix) => ({ PathPrefix })),
  text(PATTERNS).map((PathRegex) => ({ PathRegex })),
);

const http = fc
  .tuple(
    path,
    fc.record({
      Methods: fc.subarray(METHODS, { maxLength: 2 }),
      Header: fc.array(header, { maxLength: 2 }),
    }),
  )
  .map(([one, others]) => ({ ...one, ...others }))
  .filter((all) => Object.keys(all).length > 2 || all.Methods.length > 0 || all.Header.length > 0);

const claims = fc.array(
  fc.record({ Path: fc.constantFrom(["role"], ["team", "name"]), Value: text(VALUES) }),
  { maxLength: 1 },
);

const jwt = fc.record({
  Providers: fc.uniqueArray(fc.record({ Name: text(PROVIDERS), VerifyClaims: claims }), {
    selector: ({ Name }) => Name,
    minLength: 1,
    maxLength: 2,
  }),
});

const action = text(["allow", "deny"]);

/** How often an intention asks for tokens; a real Envoy is not asked about them here. */
export interface SceneOptions {
  readonly tokens: boolean;
  readonly peers: boolean;
}

function source({ tokens, peers }: SceneOptions, destination: string) {
  const token = tokens ? fc.option(jwt, { freq: 3 }) : fc.constant(null);
  const permission = fc.oneof(
    { weight: 5, arbitrary: fc.record({ Action: action, HTTP: http, JWT: token }) },
    ...(tokens ? [{ weight: 1, arbitrary: fc.record({ Action: action, JWT: jwt }) }] : []),
  );
  const what = fc.oneof(
    action.map((Action) => ({ Action })),
    ...(destination === "*"
      ? []
      : [fc.array(permission, { minLength: 1, maxLength: 4 }).map((Permissions) => ({ Permissions }))]),
  );
  return fc
    .tuple(
      fc.record({ Name: text(["web", "batch", "*"]), Peer: text(peers ? ["", "", "cloud"] : [""]) }),
      what,
    )
    .map(([who, does]) => ({ ...who, ...does }));
}

/** Entries about the destination `api`, and perhaps about all. */
export function entries(options: SceneOptions): fc.Arbitrary<ServiceIntentions[]> {
  const entry = (Name: string) =>
    fc
      .record({
        JWT: options.tokens ? fc.option(jwt, { freq: 1 }) : fc.constant(null),
        Sources: fc.uniqueArray(source(options, Name), {
          selector: (each) => `${each.Name}@${each.Peer}`,
          minLength: 1,
          maxLength: 4,
        }),
      })
      .map((rest) => intentionEntry({ Name, ...rest }));
  return fc
    .tuple(fc.option(entry("api"), { freq: 8 }), fc.option(entry("*"), { freq: 1 }))
    .map((both) => both.filter((each) => each !== null));
}

export interface GeneratedRequest {
  readonly method: string;
  /** As it is sent, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export const request: fc.Arbitrary<GeneratedRequest> = fc.record({
  method: text([...METHODS, "PUT"]),
  path: fc.oneof(
    text(SPELLINGS),
    text(PATHS).map((each) => each.replaceAll(" ", "%20")),
  ),
  headers: fc.dictionary(
    text(HEADERS).map((name) => name.toLowerCase()),
    text([...VALUES, "ADMINISTRATOR", ""]),
    { maxKeys: 2 },
  ),
});

/** What valid tokens say that a request brings, by provider. */
export const tokens: fc.Arbitrary<Readonly<Record<string, object>>> = fc.dictionary(
  text(PROVIDERS),
  fc.record({ role: text(VALUES), team: fc.record({ name: text(VALUES) }) }),
  { maxKeys: 2 },
);
