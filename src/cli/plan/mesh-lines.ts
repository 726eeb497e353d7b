import type { Terminal } from "../terminal.ts";
import type { MeshView } from "./plan-view.ts";

const looks = {
  Added: ["+", "green"],
  Deleted: ["-", "red"],
  Edited: ["+/-", "yellow"],
} as const;

/** What a plan does to the mesh; nothing where it does nothing. */
export function meshLines({ Changes, Warnings }: MeshView, terminal: Terminal): string[] {
  if (Changes.length === 0 && Warnings.length === 0) return [];
  const changes = Changes.map(({ Type, Kind, Name, Old, New }) => {
    const [mark, colour] = looks[Type];
    const what = Type === "Edited" ? `${Old} => ${New}` : New || Old;
    const name = Kind === "upstream" ? Name : JSON.stringify(Name);
    return `${terminal.style(colour, mark)} ${Kind} ${name}: ${what}`;
  });
  const warnings = Warnings.map((warning) => terminal.style("yellow", `! ${warning}`));
  return [terminal.style("bold", "Mesh:"), ...changes, ...warnings, ""];
}
