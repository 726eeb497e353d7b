import type { Terminal } from "./terminal.ts";

/** A flag as users type it: `-name`, `--name`, `-name=value`, `-name value`. */
export type Flag =
  | { readonly kind: "boolean"; readonly doc: string; readonly default?: boolean }
  | {
      readonly kind: "text";
      readonly doc: string;
      readonly value: string;
      readonly environment?: string;
      readonly default?: string;
    }
  | { readonly kind: "integer"; readonly doc: string; readonly value: string; readonly default?: number }
  | { readonly kind: "duration"; readonly doc: string; readonly value: string; readonly default?: number }
  | { readonly kind: "texts"; readonly doc: string; readonly value: string };

export type Flags = Readonly<Record<string, Flag>>;

type FlagValue<F extends Flag> = F extends { kind: "boolean" }
  ? boolean
  : F extends { kind: "texts" }
    ? readonly string[]
    : F extends { kind: "text" }
      ? F extends { default: string }
        ? string
        : string | undefined
      : F extends { default: number }
        ? number
        : number | undefined;

export type FlagValues<F extends Flags> = { readonly [Name in keyof F]: FlagValue<F[Name]> };

export interface Invocation<F extends Flags> {
  readonly flags: FlagValues<F>;
  readonly arguments: readonly string[];
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}

/** What a shell sees when the command is over. */
export type ExitCode = number;

export interface Command<F extends Flags = Flags> {
  /** The arguments, as a usage line shows them: `<job>`, `[path ...]`. */
  readonly usage: string;
  /** What it does and how it is used, in a few sentences. */
  readonly help: string;
  readonly flags: F;
  /** How many arguments it takes, at least and at most. */
  readonly arity: readonly [least: number, most: number];
  /** Everything after the first argument belongs to a program that is started, flags too. */
  readonly passesFlagsOn?: true;
  /** It goes on when nobody reads its output any more; other commands end, as every filter does. */
  readonly outlivesReader?: true;
  run(invocation: Invocation<F>): Promise<ExitCode>;
}

/** Ties the types of a command's flags to what `run` is given; who calls it has read them by that table. */
export function command<const F extends Flags>(definition: Command<F>): Command {
  return definition;
}

/** A mistake of the user's, told in one message; the command ends with `exitCode`. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = 1) {
    super(message);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}
