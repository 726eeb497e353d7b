import type { Body, Command, Node, Operand, ParsedTemplate, Pipe } from "./ast.ts";
import { failAt, type Place, TemplateError } from "./template-error.ts";
import { entriesOf, fieldOf, isTrue, kindOf, textOfValue, type Value } from "./value.ts";

/** A function of templates. It throws an Error that says what is wrong; where is added here. */
export type TemplateFunction = (...values: Value[]) => Value;
export type TemplateFunctions = Readonly<Record<string, TemplateFunction>>;

export interface ExecuteOptions {
  readonly functions: TemplateFunctions;
  readonly dot: Value;
  /** A key that a map does not have is an error, not `<no value>`. */
  readonly failsOnMissingKey: boolean;
}

/** Bytes; a template that writes more is one that does not end. */
const LONGEST = 64 * 1024 * 1024;
const DEEPEST = 100;
const MOST_STEPS = 10_000_000;

/** Carries a template out and gives what it writes. */
export function execute(template: ParsedTemplate, options: ExecuteOptions): string {
  return new Execution(template, options).run();
}

interface Variable {
  readonly name: string;
  value: Value;
}

type Flow = "on" | "break" | "continue";

class Execution {
  readonly #template: ParsedTemplate;
  readonly #options: ExecuteOptions;
  #variables: Variable[];
  #output: string[] = [];
  #length = 0;
  #depth = 0;
  #steps = 0;

  constructor(template: ParsedTemplate, options: ExecuteOptions) {
    this.#template = template;
    this.#options = options;
    this.#variables = [{ name: "$", value: options.dot }];
  }

  run(): string {
    this.#walk(this.#template.body, this.#options.dot);
    return this.#output.join("");
  }

  #walk(body: Body, dot: Value): Flow {
    for (const node of body) {
      const flow = this.#node(node, dot);
      if (flow !== "on") return flow;
    }
    return "on";
  }

  #node(node: Node, dot: Value): Flow {
    switch (node.kind) {
      case "text":
        this.#write(node.text, null);
        return "on";
      case "action": {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.variables.length === 0) this.#write(textOfValue(value), node.pipe.place);
        return "on";
      }
      case "if":
      case "with":
        return this.#conditional(node, dot);
      case "range":
        return this.#scoped(() => this.#range(node, dot));
      case "template":
        this.#call(node.name, node.pipe === null ? undefined : this.#pipe(node.pipe, dot), node.place);
        return "on";
      case "break":
      case "continue":
        return node.kind;
    }
  }

  #conditional(node: Extract<Node, { pipe: Pipe; body: Body }>, dot: Value): Flow {
    return this.#scoped(() => {
      const value = this.#pipe(node.pipe, dot);
      if (!isTrue(value)) return this.#walk(node.otherwise, dot);
      return this.#walk(node.body, node.kind === "with" ? value : dot);
    });
  }

  #range(node: Extract<Node, { pipe: Pipe; body: Body }>, dot: Value): Flow {
    const { pipe } = node;
    const over = this.#commands(pipe, dot);
    const items = this.#items(over, pipe.place);
    for (const [key, item] of items) {
      const flow = this.#scoped(() => {
        const [first, second] = pipe.variables;
        if (first !== undefined) this.#bind(pipe, first, second === undefined ? item : key);
        if (second !== undefined) this.#bind(pipe, second, item);
        return this.#walk(node.body, item);
      });
      if (flow === "break") break;
    }
    return items.length > 0 ? "on" : this.#walk(node.otherwise, dot);
  }

  #items(over: Value, place: Place): readonly (readonly [Value, Value])[] {
    if (over === null || over === undefined) return [];
    if (Array.isArray(over)) return over.map((item: Value, index) => [index, item] as const);
    if (typeof over === "number") {
      this.#count(over, place);
      return Array.from({ length: Math.max(0, over) }, (_, index) => [index, index] as const);
    }
    return entriesOf(over) ?? failAt(place, `range needs a list, a map or a number, not ${kindOf(over)}`);
  }

  #call(name: string, value: Value, place: Place): void {
    const body = this.#template.defined.get(name);
    if (body === undefined) failAt(place, `there is no template "${name}": it needs a {{define "${name}"}}`);
    if (++this.#depth > DEEPEST) failAt(place, `the template "${name}" calls itself without end`);
    const outer = this.#variables;
    this.#variables = [{ name: "$", value }];
    this.#walk(body, value);
    this.#variables = outer;
    this.#depth -= 1;
  }

  #scoped(work: () => Flow): Flow {
    const { length } = this.#variables;
    const flow = work();
    this.#variables.length = length;
    return flow;
  }

  #pipe(pipe: Pipe, dot: Value): Value {
    const value = this.#commands(pipe, dot);
    for (const name of pipe.variables) this.#bind(pipe, name, value);
    return value;
  }

  #bind({ declares, place }: Pipe, name: string, value: Value): void {
    if (declares) this.#variables.push({ name, value });
    else this.#variable(name, place).value = value;
  }

  #variable(name: string, place: Place): Variable {
    return (
      this.#variables.findLast((variable) => variable.name === name) ??
      failAt(place, `the variable ${name} is not known here`)
    );
  }

  /** Each command's value is the last argument of the next. */
  #commands({ commands, place }: Pipe, dot: Value): Value {
    let piped: readonly Value[] = [];
    for (const command of commands) piped = [this.#command(command, dot, piped, place)];
    return piped[0];
  }

  #command([first, ...operands]: Command, dot: Value, piped: readonly Value[], place: Place): Value {
    this.#count(1, place);
    if (first.kind === "function") return this.#function(first, operands, dot, piped);
    if (operands.length > 0 || piped.length > 0) {
      const what = first.kind === "field" ? `.${first.fields.join(".")}` : "this value";
      failAt(place, `${what} is no function: it cannot have arguments`);
    }
    return this.#operand(first, dot);
  }

  #function(
    { name, place }: Extract<Operand, { kind: "function" }>,
    operands: readonly Operand[],
    dot: Value,
    piped: readonly Value[],
  ): Value {
    // These two look at no more of their arguments than they must.
    if (name === "and" || name === "or") return this.#lazy(name, operands, dot, piped, place);
    const values = [...operands.map((operand) => this.#operand(operand, dot)), ...piped];
    if (name === "executeTemplate") return this.#rendered(values, place);
    const known = Object.hasOwn(this.#options.functions, name) ? this.#options.functions[name] : undefined;
    if (known === undefined) failAt(place, `the function "${name}" is not known`);
    try {
      return known(...values);
    } catch (error) {
      if (error instanceof TemplateError || !(error instanceof Error)) throw error;
      if (error.name !== "Error") throw error;
      return failAt(place, `${name}: ${error.message}`);
    }
  }

  #lazy(
    name: "and" | "or",
    operands: readonly Operand[],
    dot: Value,
    piped: readonly Value[],
    place: Place,
  ): Value {
    let value: Value;
    for (const operand of operands) {
      value = this.#operand(operand, dot);
      if (isTrue(value) === (name === "or")) return value;
    }
    if (operands.length + piped.length === 0) failAt(place, `${name}: wants at least one argument`);
    return piped.length > 0 ? piped[0] : value;
  }

  #rendered([name, value]: readonly Value[], place: Place): Value {
    const outer = this.#output;
    this.#output = [];
    this.#call(String(name), value, place);
    const text = this.#output.join("");
    this.#output = outer;
    return text;
  }

  #operand(operand: Operand, dot: Value): Value {
    switch (operand.kind) {
      case "dot":
        return dot;
      case "nil":
        return null;
      case "literal":
        return operand.value;
      case "function":
        return this.#function(operand, [], dot, []);
      case "field":
        return this.#fields(dot, operand.fields, operand.place);
      case "variable":
        return this.#fields(this.#variable(operand.name, operand.place).value, operand.fields, operand.place);
      case "pipe":
        return this.#fields(this.#pipe(operand.pipe, dot), operand.fields, operand.place);
    }
  }

  #fields(start: Value, fields: readonly string[], place: Place): Value {
    return fields.reduce<Value>((value, field) => {
      if (value === null || value === undefined)
        failAt(place, `there is no value whose field .${field} could be taken`);
      if (typeof value !== "object" || Array.isArray(value))
        failAt(place, `${kindOf(value)} has no field .${field}`);
      const found = fieldOf(value, field);
      if (found === undefined && !(value instanceof Map)) {
        const known = Object.keys(value).sort().join(", ");
        failAt(place, `there is no field .${field} (there are ${known})`);
      }
      if (found === undefined && this.#options.failsOnMissingKey)
        failAt(place, `the map has no key "${field}"`);
      return found;
    }, start);
  }

  #write(text: string, place: Place | null): void {
    this.#output.push(text);
    this.#length += text.length;
    if (this.#length > LONGEST)
      failAt(place ?? { template: this.#template.name, line: 1 }, "it writes more than 64 MB");
  }

  #count(steps: number, place: Place): void {
    this.#steps += steps;
    if (this.#steps > MOST_STEPS) failAt(place, "it takes too many steps");
  }
}
