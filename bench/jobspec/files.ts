import { readFileSync } from "node:fs";

/** A job as people write them: 63 lines. */
export const typical = readFileSync(new URL("typical.nomad.hcl", import.meta.url), "utf8");

/** The same group again and again, under other names, until the job has about 5,000 lines. */
export const large = repeated(typical, 5000);

function repeated(text: string, lines: number): string {
  const start = text.indexOf('  group "web"');
  const [head, group] = [text.slice(0, start), text.slice(start, text.lastIndexOf("}"))];
  const count = Math.round(lines / group.split("\n").length);
  const groups = Array.from({ length: count }, (_, index) =>
    group.replace('group "web"', `group "web-${index}"`).replace("shop-web", `shop-web-${index}`),
  );
  return `${head}${groups.join("\n")}}\n`;
}
