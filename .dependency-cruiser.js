/**
 * Which room may import which. The data flows one way (docs/architecture.md); a room that is not named in
 * a line of `mayImport` may not be imported from there.
 */
const mayImport = {
  model: [],
  jobspec: ["model"],
  connect: ["model"],
  scheduler: ["model"],
  store: ["model"],
  state: ["model", "store"],
  mesh: ["model", "state"],
  xds: ["model", "mesh", "template"],
  dns: ["model"],
  template: [],
  node: ["model", "template"],
  server: ["model", "store", "state", "connect", "scheduler", "mesh"],
  api: ["model", "store", "jobspec", "connect", "scheduler", "state", "server", "mesh", "xds"],
  agent: ["model", "store", "state", "server", "api", "node", "mesh", "xds", "dns"],
  cli: ["model", "jobspec", "connect", "xds", "agent"],
};

const everywhere = ["model"];

const rooms = Object.entries(mayImport).map(([room, others]) => ({
  name: `${room}-imports`,
  comment: `src/${room} may import ${[...others, "itself"].join(", ")}`,
  severity: "error",
  from: { path: `^src/${room}/`, pathNot: "\\.test\\.ts$" },
  to: {
    path: "^src/([^/]+)/",
    pathNot: [room, ...others, ...everywhere].map((name) => `^src/${name}/`),
  },
}));

export default {
  forbidden: [
    ...rooms,
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-tests-in-program",
      severity: "error",
      from: { path: "^src/", pathNot: "\\.test\\.ts$" },
      to: { path: "\\.test\\.ts$" },
    },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      // Newer than the list of Node.js's modules that is looked in.
      to: { couldNotResolve: true, pathNot: ["^(node:)?ffi$"] },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: ["node_modules", "^\\.setup/"] },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "types"] },
  },
};
