import type { Random } from "../../support/random.ts";

const snippets = [
  ...[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    '"',
    "${",
    "%{",
    "~}",
    "}}",
    "<<EOT\n",
    "<<-EOT\n",
    "EOT\n",
    "\n",
    "\r\n",
    "\t",
  ],
  ...[
    "=",
    "=>",
    "...",
    ".",
    "*",
    "?",
    ":",
    ",",
    "#",
    "//",
    "/*",
    "*/",
    "\\",
    "\\u",
    "\0",
    "\ufeff",
    "\ud800",
    "🙂",
  ],
  ...["for", "in", "if", "null", "true", "var.", "local.", "dynamic", "content", "job", "-1", "1e999", "0x1"],
];

/** A text with a few changes: pieces gone, doubled, moved or put in. */
export function mutated(text: string, random: Random, others: readonly string[]): string {
  let result = text;
  for (let count = 1 + random.below(4); count > 0; count--) result = changed(result, random, others);
  return result.slice(0, 200_000);
}

function changed(text: string, random: Random, others: readonly string[]): string {
  const [a, b] = [random.below(text.length + 1), random.below(text.length + 1)];
  const [start, end] = [Math.min(a, b), Math.max(a, b)];
  const near = Math.min(end, start + 1 + random.below(30));
  const insert = (piece: string) => text.slice(0, start) + piece + text.slice(start);
  const changes: readonly (() => string)[] = [
    () => insert(random.pick(snippets)),
    () => insert(random.pick(snippets).repeat(1 + random.below(random.chance(0.05) ? 5000 : 5))),
    () => text.slice(0, start) + text.slice(near),
    () => insert(text.slice(start, near)),
    () => text.slice(0, start) + random.pick(snippets) + text.slice(near),
    () => lines(text, random),
    () => insert(piece(random.pick(others), random)),
    () => text.slice(0, start),
  ];
  return random.pick(changes)();
}

function lines(text: string, random: Random): string {
  const all = text.split("\n");
  const [from, to] = [random.below(all.length), random.below(all.length)];
  const moved = all.splice(from, 1 + random.below(3));
  all.splice(Math.min(to, all.length), 0, ...moved, ...(random.chance(0.5) ? moved : []));
  return all.join("\n");
}

function piece(text: string, random: Random): string {
  const start = random.below(text.length + 1);
  return text.slice(start, start + random.below(200));
}
