import type { Body, Command, Node, Operand, ParsedTemplate, Pipe } from "./ast.ts";
import { type Delimiters, tokenize } from "./lexer.ts";
import { characterOf, numberOf, textOf } from "./literal.ts";
import { failAt, type Place } from "./template-error.ts";
import type { Token, TokenKind } from "./token.ts";

/** Reads a template. Throws a TemplateError that says where what is wrong. `name` is for messages. */
export function parseTemplate(name: string, source: string, delimiters: Delimiters): ParsedTemplate {
  return new Parser(name, tokenize(name, source, delimiters)).run();
}

/** What ended a list of nodes. */
interface Ending {
  readonly word: "end" | "else";
  readonly line: number;
}

/** Deeper nesting than anyone writes would exhaust the stack. */
const DEEPEST = 200;

class Parser {
  readonly #name: string;
  readonly #tokens: readonly Token[];
  readonly #defined = new Map<string, Body>();
  #at = 0;
  #depth = 0;
  #loops = 0;

  constructor(name: string, tokens: readonly Token[]) {
    this.#name = name;
    this.#tokens = tokens;
  }

  run(): ParsedTemplate {
    const { nodes, ending } = this.#list(true);
    if (ending !== null)
      this.#fail(`{{${ending.word}}} without a block that it could belong to`, ending.line);
    return { name: this.#name, body: nodes, defined: this.#defined };
  }

  /** Up to `{{end}}` or `{{else …}}`, whose words are taken, or to the end of the text. */
  #list(isTop: boolean, opened = 1): { nodes: Node[]; ending: Ending | null } {
    const nodes: Node[] = [];
    if (++this.#depth > DEEPEST) this.#fail("blocks are nested too deep");
    for (;;) {
      const token = this.#next();
      if (token.kind === "end") {
        if (!isTop) this.#fail("this block has no {{end}}", opened);
        this.#depth -= 1;
        return { nodes, ending: null };
      }
      if (token.kind === "text") {
        nodes.push({ kind: "text", text: token.text });
        continue;
      }
      this.#spaces();
      const word = this.#peek().kind === "identifier" ? this.#peek().text : "";
      if (word === "end" || word === "else") {
        this.#next();
        this.#depth -= 1;
        return { nodes, ending: { word, line: token.line } };
      }
      const node = this.#action(word, isTop);
      if (node !== null) nodes.push(node);
    }
  }

  #action(word: string, isTop: boolean): Node | null {
    const { line } = this.#peek();
    switch (word) {
      case "if":
      case "with":
      case "range":
        this.#next();
        return this.#block(word, line);
      case "break":
      case "continue":
        this.#next();
        if (this.#loops === 0) this.#fail(`{{${word}}} is only allowed inside {{range}}`, line);
        this.#right();
        return { kind: word };
      case "define":
        this.#next();
        if (!isTop) this.#fail("{{define}} is not allowed inside other blocks", line);
        this.#define(line);
        return null;
      case "template":
        this.#next();
        return this.#template(line);
      case "block":
        this.#next();
        return this.#blockDefinition(line);
      default: {
        const pipe = this.#pipe("right");
        return { kind: "action", pipe };
      }
    }
  }

  #block(kind: "if" | "with" | "range", line: number): Node {
    const pipe = this.#pipe("right", kind === "range");
    if (kind === "range") this.#loops += 1;
    const { nodes: body, ending } = this.#list(false, line);
    if (kind === "range") this.#loops -= 1;
    if (ending?.word !== "else") {
      this.#right();
      return { kind, pipe, body, otherwise: [] };
    }
    this.#spaces();
    const next = this.#peek();
    // {{else if …}} is an {{if}} of its own whose {{end}} is this one's as well.
    if (next.kind === "identifier" && (next.text === "if" || next.text === "with")) {
      this.#next();
      return { kind, pipe, body, otherwise: [this.#block(next.text, next.line)] };
    }
    this.#right();
    const { nodes: otherwise, ending: last } = this.#list(false, line);
    if (last?.word !== "end") this.#fail("a block has one {{else}} only", last?.line ?? line);
    this.#right();
    return { kind, pipe, body, otherwise };
  }

  #define(line: number): void {
    const name = this.#quotedName();
    this.#right();
    this.#defined.set(name, this.#closedList(line));
  }

  #template(line: number): Node {
    const name = this.#quotedName();
    this.#spaces();
    const pipe = this.#peek().kind === "right" ? null : this.#pipe("right");
    if (pipe === null) this.#right();
    return { kind: "template", name, pipe, place: this.#place(line) };
  }

  #blockDefinition(line: number): Node {
    const name = this.#quotedName();
    const pipe = this.#pipe("right");
    this.#defined.set(name, this.#closedList(line));
    return { kind: "template", name, pipe, place: this.#place(line) };
  }

  #closedList(line: number): Body {
    const { nodes, ending } = this.#list(false, line);
    if (ending?.word !== "end") this.#fail("{{else}} without a block that it could belong to", ending?.line);
    this.#right();
    return nodes;
  }

  #quotedName(): string {
    this.#spaces();
    const token = this.#next();
    if (token.kind !== "string") this.#fail("the name of a template must be in quotes", token.line);
    return textOf(token.text);
  }

  /** Takes the token that ends it, too. */
  #pipe(end: "right" | "close", isRange = false): Pipe {
    if (++this.#depth > DEEPEST) this.#fail("brackets are nested too deep");
    this.#spaces();
    const place = this.#place(this.#peek().line);
    const { variables, declares } = this.#variables(isRange);
    const commands: Command[] = [this.#command()];
    while (this.#peek().kind === "pipe") {
      this.#next();
      commands.push(this.#command());
    }
    const token = this.#next();
    if (token.kind !== end) this.#unexpected(token);
    this.#depth -= 1;
    return { variables, declares, commands, place };
  }

  /** `$x :=`, `$x =`, and for a range `$i, $x :=`. */
  #variables(isRange: boolean): Pick<Pipe, "variables" | "declares"> {
    const start = this.#at;
    const variables: string[] = [];
    while (this.#peek().kind === "variable") {
      variables.push(this.#next().text);
      this.#spaces();
      const { kind } = this.#peek();
      if (kind === "declare" || kind === "assign") {
        this.#next();
        return { variables, declares: kind === "declare" };
      }
      if (kind !== "comma" || !isRange || variables.length > 1) break;
      this.#next();
      this.#spaces();
    }
    this.#at = start;
    return { variables: [], declares: false };
  }

  #command(): Command {
    const operands: Operand[] = [];
    for (;;) {
      this.#spaces();
      const token = this.#peek();
      if (token.kind === "pipe" || token.kind === "right" || token.kind === "close") break;
      operands.push(this.#operand());
    }
    const [first, ...others] = operands;
    if (first === undefined) this.#fail("a command is missing here");
    if (first.kind === "literal" && others.length > 0)
      this.#fail(`${JSON.stringify(first.value)} is no function: it cannot have arguments`);
    return [first, ...others];
  }

  #operand(): Operand {
    const token = this.#next();
    const place = this.#place(token.line);
    if (token.kind === "string") return { kind: "literal", value: textOf(token.text) };
    if (token.kind === "character") return { kind: "literal", value: characterOf(token.text) };
    if (token.kind === "number") return { kind: "literal", value: numberOf(token.text) };
    if (token.kind === "identifier") return this.#word(token.text, place);
    if (token.kind === "dot") return { kind: "dot" };
    if (token.kind === "field")
      return { kind: "field", fields: [token.text.slice(1), ...this.#fields()], place };
    if (token.kind === "variable")
      return { kind: "variable", name: token.text, fields: this.#fields(), place };
    if (token.kind !== "open") return this.#unexpected(token);
    const pipe = this.#pipe("close");
    return { kind: "pipe", pipe, fields: this.#fields(), place };
  }

  #word(text: string, place: Place): Operand {
    if (text === "true" || text === "false") return { kind: "literal", value: text === "true" };
    if (text === "nil") return { kind: "nil" };
    return { kind: "function", name: text, place };
  }

  #fields(): string[] {
    const fields: string[] = [];
    while (this.#peek().kind === "field") fields.push(this.#next().text.slice(1));
    return fields;
  }

  #right(): void {
    this.#spaces();
    const token = this.#next();
    if (token.kind !== "right") this.#unexpected(token);
  }

  #spaces(): void {
    while (this.#peek().kind === "space") this.#at += 1;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", line: this.#lastLine() };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #lastLine(): number {
    return this.#tokens.at(-1)?.line ?? 1;
  }

  #place(line: number): Place {
    return { template: this.#name, line };
  }

  #unexpected(token: Token): never {
    const names: Partial<Record<TokenKind, string>> = {
      right: "the end of the action",
      end: "the end of the template",
    };
    this.#fail(`${names[token.kind] ?? JSON.stringify(token.text)} is not expected here`, token.line);
  }

  #fail(problem: string, line = this.#peek().line): never {
    failAt(this.#place(line), problem);
  }
}
