import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { execute } from "./execute.ts";
import { pureFunctions } from "./functions/pure.ts";
import { parseTemplate } from "./parser.ts";
import { TemplateError } from "./template-error.ts";
import { fromPlain } from "./value.ts";

const data = {
  name: "web",
  count: 3,
  zero: 0,
  half: 0.5,
  yes: true,
  empty: "",
  tags: ["a", "b"],
  none: [],
  ports: { http: 80, admin: 8080 },
  people: [
    { name: "Ann", age: 30 },
    { name: "Bob", age: 25 },
  ],
};

function render(source: string, failsOnMissingKey = false, delimiters = { left: "{{", right: "}}" }): string {
  const template = parseTemplate("t", source, delimiters);
  return execute(template, { functions: pureFunctions, dot: fromPlain(data), failsOnMissingKey });
}

/** What Go's text/template gives for the same, with the same data (checked with Go 1.26). */
const language: readonly [string, string][] = [
  ["plain", "plain"],
  [
    "{{.name}} {{ .count }} {{.half}} {{.yes}} {{.tags}} {{.ports}} {{.gone}}",
    "web 3 0.5 true [a b] map[admin:8080 http:80] <no value>",
  ],
  ["a {{- .name -}} b", "awebb"],
  ["a\n  {{- /* gone */ -}}\n b", "ab"],
  ["{{- .name }}\n\n{{- .name}}  {{.name -}}  \n.", "webweb  web."],
  ["{{if .yes}}1{{else}}2{{end}}{{if .zero}}1{{else if .empty}}2{{else if .name}}3{{else}}4{{end}}", "13"],
  [
    "{{if and .yes .name}}both{{end}}{{if or .zero .empty}}one{{else}}none{{end}}{{if not .none}}empty{{end}}",
    "bothnoneempty",
  ],
  ['{{or .zero .empty "x"}}{{and .yes .zero}}', "x0"],
  ["{{range .tags}}[{{.}}]{{end}}{{range .none}}x{{else}}nothing{{end}}", "[a][b]nothing"],
  ["{{range $i, $t := .tags}}{{$i}}={{$t}},{{$.name}};{{end}}", "0=a,web;1=b,web;"],
  ["{{range $k, $v := .ports}}{{$k}}:{{$v}} {{end}}", "admin:8080 http:80 "],
  [
    "{{range .people}}{{.name}} is {{.age}}{{if lt .age 28}} (young){{end}}\n{{end}}",
    "Ann is 30\nBob is 25 (young)\n",
  ],
  ["{{range $i := 3}}{{$i}}{{end}}{{range 2}}x{{end}}", "012xx"],
  ['{{range .tags}}{{if eq . "a"}}{{continue}}{{end}}{{.}}{{break}}{{end}}', "b"],
  [
    "{{with .name}}<{{.}}>{{end}}{{with .empty}}x{{else}}no{{end}}{{with $x := .count}}{{$x}}{{end}}",
    "<web>no3",
  ],
  ["{{with .empty}}a{{else with .name}}b{{.}}{{end}}", "bweb"],
  ["{{$x := 1}}{{if .yes}}{{$x = 2}}{{$y := 3}}{{$y}}{{end}}{{$x}}", "32"],
  ['{{define "t"}}({{.}}){{end}}{{template "t" .name}}{{template "t"}}', "(web)(<no value>)"],
  ['{{block "b" .tags}}{{len .}}{{end}}', "2"],
  ['{{.name | printf "%s-%d" "x" | len}}', "17"],
  [
    '{{printf "%05d|%-5s|%5.2f|%q|%x|%t|%v|%%|%+d|%c" 42 "ab" 3.14159 "q" 255 true .tags 7 65}}',
    '00042|ab   | 3.14|"q"|ff|true|[a b]|%|+7|A',
  ],
  [
    '{{printf "%d %s" 1}} {{printf "%d" 1 2}} {{printf "%d" "x"}}',
    "1 %!s(MISSING) 1%!(EXTRA int=2) %!d(string=x)",
  ],
  ['{{print 1 2 "a" 3}} {{println "x" 1}}', "1 2a3 x 1\n"],
  ['{{index .tags 1}}{{index .ports "http"}}{{(index .people 0).name}}{{slice .name 1 2}}', "b80Anne"],
  ['{{eq .count 1 2 3}}{{ne .name "web"}}{{le 1 1}}{{gt 2 1}}{{ge 1 2}}', "truefalsetruetruefalse"],
  ['{{len .name}}{{len .ports}}{{html "<a>"}}{{urlquery "a b&c"}}', "32&lt;a&gt;a+b%26c"],
  [
    "{{`raw \\n`}}{{\"tab\\t\\u00e4\\x41\"}}{{'a'}}{{0x10}}{{1_000}}{{-3}}{{1e3}}",
    "raw \\ntab\täA97161000-31000",
  ],
  ['{{/* a comment */}}{{ "{{" }}', "{{"],
  ['{{ ( printf "%s" ( .name ) ) }}{{ $.ports.http }}', "web80"],
  ["{{ $m := .ports }}{{ $m.http }}{{ with $m }}{{ .admin }}{{ end }}", "808080"],
];

/** Of consul-template. */
const helpers: readonly [string, string][] = [
  ['{{ "a,b" | split "," | join "+" }}{{ range "" | split "," }}x{{ end }}', "a+b"],
  ['{{ "x" | toUpper }}{{ "Y" | toLower }}{{ "ab cd" | toTitle }}', "XyAb Cd"],
  ['{{ "a-1-b" | regexReplaceAll "([a-z])-(\\\\d)" "$2:${1}" }}{{ "foo" | regexMatch "^f" }}', "1:a-btrue"],
  ['{{ "hi" | base64Encode }}{{ "aGk=" | base64Decode }}', "aGk=hi"],
  ["{{ .ports | toJSON }} {{ .tags | toUnescapedJSON }}", '{"admin":8080,"http":80} ["a","b"]'],
  ['{{ with parseJSON "{\\"a\\": [1, {\\"b\\": 2}]}" }}{{ (index .a 1).b }}{{ end }}', "2"],
  [
    '{{ "3" | parseInt | add 2 }}{{ 10 | subtract 3 }}{{ 7 | divide 2 }}{{ 7 | modulo 4 }}{{ 2 | multiply 3 }}',
    "57336",
  ],
  [
    '{{ range loop 2 4 }}{{ . }}{{ end }}{{ if in .tags "a" }}in{{ end }}{{ if .tags | contains "z" }}x{{ end }}',
    "23in",
  ],
  ['{{ "line\\nnext" | indent 2 }}', "  line\n  next"],
  [
    '{{ trimSpace " a " }}{{ "abc" | trimPrefix "a" }}{{ "xxaxx" | trim "x" }}{{ "a.b" | replaceAll "." "-" }}',
    "abcaa-b",
  ],
  ['{{ "a" | sha256Hex }}', "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"],
  ['{{ .empty | sprig_default "d" }}{{ .name | sprig_quote }}{{ sprig_list 1 2 | sprig_last }}', 'd"web"2'],
  ['{{ define "x" }}<{{ . }}>{{ end }}{{ executeTemplate "x" 1 | toUpper }}', "<1>"],
  ["{{ .ports | toYAML }}", "admin: 8080\nhttp: 80"],
];

describe("templates", () => {
  for (const [source, expected] of [...language, ...helpers])
    it(JSON.stringify(source), () => assert.equal(render(source), expected));

  it("may have other delimiters", () => {
    assert.equal(
      render("[[ .name ]] {{ .name }} [[- .name ]]", false, { left: "[[", right: "]]" }),
      "web {{ .name }}web",
    );
  });

  it("say where what is wrong", () => {
    const wrong: readonly [string, RegExp][] = [
      ["a\n{{ .name", /^t:2: this action is not closed by }}/],
      ["{{ if .a }}x", /^t:1: this block has no {{end}}/],
      ["x{{ end }}", /{{end}} without a block/],
      ["{{ if .a }}{{ else }}{{ else }}{{ end }}", /one {{else}} only/],
      ["{{ break }}", /only allowed inside {{range}}/],
      ["\n\n{{ nothere 1 }}", /^t:3: the function "nothere" is not known/],
      ["{{ $x }}", /the variable \$x is not known here/],
      ["{{ .name.first }}", /a text has no field .first/],
      ['{{ "abc }}', /this text is not closed/],
      ['{{ template "x" }}', /there is no template "x"/],
      ['{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}', /calls itself without end/],
      ['{{ "x" | parseJSON }}', /^t:1: parseJSON: this is not JSON/],
      ["{{ index .tags 7 }}", /there is no item 7 in a list of 2/],
      ['{{ lt 1 "a" }}', /cannot order a number and a text/],
      ["{{ }}", /a command is missing/],
      ["{{ 1 | 2 }}", /is no function/],
      ['{{ regexMatch "(" "a" }}', /is no regular expression/],
    ];
    for (const [source, message] of wrong) {
      assert.throws(
        () => render(source),
        (error) => error instanceof TemplateError && message.test(error.message),
        source,
      );
    }
    assert.throws(() => render("{{ .gone }}", true), /the map has no key "gone"/);
  });

  it("never fail in any other way, whatever is written", () => {
    const piece = fc.constantFrom(
      ...["{{", "}}", "{{-", "-}}", " ", "if", "else", "end", "range", "with", "define", "template", "block"],
      ...[
        '"x"',
        "`",
        "'",
        ".",
        ".name",
        ".tags",
        "$",
        "$x",
        ":=",
        "=",
        "|",
        "(",
        ")",
        ",",
        "1",
        "-",
        "printf",
        "index",
        "/*",
        "*/",
        "\n",
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          render(pieces.join(""));
        } catch (error) {
          assert.ok(error instanceof TemplateError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
