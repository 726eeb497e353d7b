import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where a command speaks: results on standard output, everything else on standard error. */
export interface Terminal {
  /** Lines of the result; without any, an empty one. */
  print(...lines: readonly string[]): void;
  /** A line about the work, which is no part of the result. */
  say(line: string): void;
  style(style: Style, text: string): string;
  readonly colour: boolean;
  /** Whether a person looks at the standard output. */
  readonly interactive: boolean;
  readonly columns: number;
}

export interface TerminalOptions {
  readonly colour: boolean;
}

export function processTerminal({ colour }: TerminalOptions): Terminal {
  const styled = colour && process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;
  return {
    print: (...lines) => void process.stdout.write(`${lines.join("\n")}\n`),
    say: (line) => void process.stderr.write(`${line}\n`),
    colour: styled,
    style: (style, text) => (styled ? styleText(style, text, { validateStream: false }) : text),
    interactive: process.stdout.isTTY === true,
    columns: process.stdout.columns ?? 100,
  };
}
