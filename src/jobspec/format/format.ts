import type { Diagnostic } from "#model/diagnostic.ts";
import { isJson } from "../document.ts";
import { tokenize } from "../syntax/lexer.ts";
import { parseBody } from "../syntax/parser.ts";
import type { Source } from "../syntax/source.ts";
import { bracketChange, type TokenKind } from "../syntax/token.ts";
import { graphemes } from "../values/text.ts";
import { spaceBetween } from "./spacing.ts";

export interface Formatted {
  /** Null when the text is not valid, so that it cannot be known what it means. */
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The text in its canonical form: two spaces for each level, one between words, equals signs and comments of
 * neighbouring lines below one another. Only spaces change, and none inside text or comments; JSON stays as it is.
 */
export function formatSource(source: Source): Formatted {
  if (isJson(source.text)) return { text: source.text, diagnostics: [] };
  const { diagnostics } = parseBody(source);
  return { text: diagnostics.length > 0 ? null : formatted(source.text), diagnostics };
}

/** A token with the spaces that stand before it. */
interface Cell {
  readonly kind: TokenKind;
  readonly text: string;
  spaces: number;
}

/** A line in three columns: up to the equals sign, from there on, and a comment at its end. */
interface Line {
  readonly lead: readonly Cell[];
  readonly assigned: readonly Cell[];
  readonly comment: readonly Cell[];
  readonly end: string;
}

function formatted(text: string): string {
  const lines = linesOf(text);
  for (const line of lines) space(line);
  indent(lines);
  align(
    lines,
    ({ assigned }) => assigned,
    ({ lead }) => width(lead),
  );
  align(
    lines,
    ({ comment }) => comment,
    ({ lead, assigned }) => width(lead) + width(assigned),
  );
  return (text.startsWith("\uFEFF") ? "\uFEFF" : "") + lines.map(written).join("");
}

function written({ lead, assigned, comment, end }: Line): string {
  return (
    [...lead, ...assigned, ...comment].map(({ spaces, text }) => " ".repeat(spaces) + text).join("") + end
  );
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let cells: Cell[] = [];
  for (const { kind, start, end } of tokenize(text)) {
    const word = text.slice(start, end);
    if (kind !== "newline" && kind !== "end") cells.push({ kind, text: word, spaces: 0 });
    else {
      lines.push(columnsOf(cells, word));
      cells = [];
    }
  }
  return lines;
}

function columnsOf(cells: readonly Cell[], end: string): Line {
  const hasComment = cells.length > 1 && cells.at(-1)?.kind === "comment";
  const code = hasComment ? cells.slice(0, -1) : cells;
  const equals = code.findIndex(({ kind }, index) => index > 0 && kind === "=");
  const split = equals > 0 && netBrackets(code.slice(equals)) === 0 ? equals : code.length;
  return {
    lead: code.slice(0, split),
    assigned: code.slice(split),
    comment: hasComment ? cells.slice(-1) : [],
    end,
  };
}

function netBrackets(cells: readonly Cell[]): number {
  return cells.reduce((net, { kind }) => net + bracketChange(kind), 0);
}

function space({ lead, assigned }: Line): void {
  for (const cells of [lead, assigned]) {
    for (const [index, cell] of cells.entries()) {
      const [token, before] = [cells[index - 1], cells[index - 2]];
      cell.spaces = token !== undefined && spaceBetween(token, cell, before ?? null) ? 1 : 0;
    }
  }
  const [equals] = assigned;
  if (equals !== undefined) equals.spaces = 1;
}

/** Brackets that a line opens together are one level; the line that closes one goes back with it. */
function indent(lines: readonly Line[]): void {
  const levels: number[] = [];
  for (const { lead, assigned } of lines) {
    const [first] = lead;
    if (first === undefined) continue;
    const heredoc = lead.findIndex(({ kind }) => kind === "open heredoc");
    const net = netBrackets(heredoc < 0 ? lead : lead.slice(0, heredoc)) + netBrackets(assigned);
    if (net < 0) close(levels, -net);
    first.spaces = 2 * levels.length;
    if (net > 0) levels.push(net);
  }
}

function close(levels: number[], count: number): void {
  let left = count;
  for (let level = levels.pop(); level !== undefined; level = levels.pop()) {
    if (level > left) levels.push(level - left);
    left -= level;
    if (left <= 0) return;
  }
}

function width(cells: readonly Cell[]): number {
  return cells.reduce((total, { spaces, text }) => total + spaces + graphemes(text).length, 0);
}

/** Puts the columns of neighbouring lines that have one below one another. */
function align(
  lines: readonly Line[],
  column: (line: Line) => readonly Cell[],
  before: (line: Line) => number,
): void {
  let chain: Line[] = [];
  const end = () => {
    const widest = Math.max(...chain.map(before));
    for (const line of chain) {
      const [first] = column(line);
      if (first !== undefined) first.spaces = widest - before(line) + 1;
    }
    chain = [];
  };
  for (const line of lines) {
    if (column(line).length > 0) chain.push(line);
    else end();
  }
  end();
}
