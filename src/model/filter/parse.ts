import { compileRegexp } from "../regexp/regexp.ts";
import { RegexpError } from "../regexp/syntax.ts";
import { type Filter, FilterError, type Quantifier, type Selector, type Test } from "./filter.ts";
import { type Token, tokensOf } from "./tokens.ts";

const deepest = 100;

/**
 * Reads a filter: https://developer.hashicorp.com/consul/api-docs/features/filtering. Throws a FilterError.
 */
export function parseFilter(source: string): Filter {
  return new Parser(tokensOf(source)).filter();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  filter(): Filter {
    const filter = this.#or();
    if (this.#next.kind !== "end") throw this.#unexpected('"and", "or" or the end');
    return filter;
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", column: 0 };
  }

  #or(): Filter {
    let left = this.#and();
    while (this.#takes("or")) left = { kind: "or", left, right: this.#and() };
    return left;
  }

  #and(): Filter {
    let left = this.#single();
    while (this.#takes("and")) left = { kind: "and", left, right: this.#single() };
    return left;
  }

  #single(): Filter {
    if (++this.#depth > deepest) throw new FilterError(`a filter nests at most ${deepest} levels`);
    try {
      if (this.#takes("not")) return { kind: "not", inner: this.#single() };
      if (this.#takes("(")) return this.#closedBy(")");
      return this.#quantifier() ?? this.#comparison();
    } finally {
      this.#depth--;
    }
  }

  #closedBy(sign: string): Filter {
    const inner = this.#or();
    this.#expect(sign);
    return inner;
  }

  #quantifier(): Quantifier | null {
    const { text: kind } = this.#next;
    const follower = this.#tokens[this.#at + 1];
    if ((kind !== "any" && kind !== "all") || follower?.kind !== "word" || operators.has(follower.text))
      return null;
    this.#at++;
    const selector = this.#selector();
    this.#expect("as");
    const first = this.#name();
    const second = this.#takes(",") ? this.#name() : null;
    this.#expect("{");
    return { kind, selector, names: [first, second], inner: this.#closedBy("}") };
  }

  #name(): string {
    const { kind, text } = this.#next;
    if (kind !== "word" || text.includes(".")) throw this.#unexpected("a name");
    this.#at++;
    return text;
  }

  /** `selector operator value`, or `value in selector`. */
  #comparison(): Filter {
    const start = this.#at;
    if (this.#isValue()) {
      const value = this.#value();
      const negated = this.#takes("not");
      if (this.#takes("in"))
        return {
          kind: "comparison",
          selector: this.#selector(),
          test: { operator: "contains", value },
          negated,
        };
      this.#at = start;
    }
    const selector = this.#selector();
    return { kind: "comparison", selector, ...this.#test() };
  }

  #isValue(): boolean {
    return this.#next.kind === "word" || this.#next.kind === "text" || this.#next.kind === "number";
  }

  #value(): string {
    if (!this.#isValue()) throw this.#unexpected("a value");
    const { text } = this.#next;
    this.#at++;
    return text;
  }

  /** `Service.Meta.version`, `Service.Meta["some key"]`, or as a JSON pointer, `"/Service/Meta/version"`. */
  #selector(): Selector {
    const { kind, text } = this.#next;
    if (kind === "text" && text.startsWith("/")) {
      this.#at++;
      return text
        .slice(1)
        .split("/")
        .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    }
    if (kind !== "word" || text.startsWith(".")) throw this.#unexpected("the name of a field");
    this.#at++;
    const path = text.split(".");
    for (;;) {
      if (this.#takes("[")) {
        if (this.#next.kind !== "text") throw this.#unexpected("a key in quotes");
        path.push(this.#value());
        this.#expect("]");
      } else if (this.#next.kind === "word" && this.#next.text.startsWith(".")) {
        path.push(...this.#value().slice(1).split("."));
      } else return path;
    }
  }

  #test(): { readonly test: Test; readonly negated: boolean } {
    if (this.#takes("==")) return { test: { operator: "equals", value: this.#value() }, negated: false };
    if (this.#takes("!=")) return { test: { operator: "equals", value: this.#value() }, negated: true };
    if (this.#takes("is")) {
      const negated = this.#takes("not");
      this.#expect("empty");
      return { test: { operator: "is empty" }, negated };
    }
    const negated = this.#takes("not");
    if (this.#takes("contains")) return { test: { operator: "contains", value: this.#value() }, negated };
    if (this.#takes("matches")) return { test: this.#pattern(), negated };
    throw this.#unexpected("==, !=, in, contains, matches or is empty");
  }

  #pattern(): Test {
    const { column } = this.#next;
    const value = this.#value();
    try {
      return { operator: "matches", value, regexp: compileRegexp(value) };
    } catch (error) {
      if (!(error instanceof RegexpError)) throw error;
      throw new FilterError(`column ${column}: ${value} is no regular expression: ${error.message}`);
    }
  }

  #takes(word: string): boolean {
    const { kind, text } = this.#next;
    const isIt = text === word && (kind === "word" || kind === "sign");
    if (isIt) this.#at++;
    return isIt;
  }

  #expect(word: string): void {
    if (!this.#takes(word)) throw this.#unexpected(`"${word}"`);
  }

  #unexpected(expected: string): FilterError {
    const { kind, text, column } = this.#next;
    const found = kind === "end" ? "the filter ends" : `there is ${JSON.stringify(text)}`;
    return new FilterError(`column ${column}: expected ${expected}, but ${found}`);
  }
}

const operators: ReadonlySet<string> = new Set(["in", "not", "is", "contains", "matches"]);
