/** One bar: its median, with a line from the least to the greatest. */
export interface Bar {
  readonly label: string;
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
  /** Drawn in the colour of what is ours. */
  readonly isOurs: boolean;
}

export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const [WIDTH, LABEL, VALUE, BAR, GAP] = [860, 190, 150, 18, 8] as const;

/** Panels of horizontal bars, one below the other, each with a scale of its own, as an SVG picture. */
export function barChart(title: string, panels: readonly Panel[]): string {
  let y = 40;
  const drawn = panels.map((panel) => {
    const top = y;
    y += 30 + panel.bars.length * (BAR + GAP) + 16;
    return drawPanel(panel, top);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="12">
<rect width="${WIDTH}" height="${y}" fill="#fff"/>
<text x="12" y="24" font-size="16" font-weight="600">${escaped(title)}</text>
${drawn.join("\n")}
</svg>
`;
}

function drawPanel({ title, bars }: Panel, top: number): string {
  const most = Math.max(...bars.map(({ greatest }) => greatest), Number.MIN_VALUE);
  const scale = (WIDTH - LABEL - VALUE) / most;
  const rows = bars.map((bar, i) => {
    const y = top + 26 + i * (BAR + GAP);
    const middle = y + BAR / 2;
    const width = (value: number) => (value * scale).toFixed(1);
    return [
      `<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${escaped(bar.label)}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${width(bar.median)}" height="${BAR}" fill="${bar.isOurs ? "#2f6f4f" : "#b8c4be"}"/>`,
      `<line x1="${LABEL + bar.least * scale}" x2="${LABEL + bar.greatest * scale}" y1="${middle}" y2="${middle}" stroke="#333"/>`,
      `<text x="${LABEL + bar.greatest * scale + 8}" y="${middle + 4}">${number(bar.median)}</text>`,
    ].join("");
  });
  return `<text x="12" y="${top + 14}" font-weight="600">${escaped(title)}</text>\n${rows.join("\n")}`;
}

function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en-GB") : value.toPrecision(3);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
