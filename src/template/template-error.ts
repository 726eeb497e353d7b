/** A mistake in a template, or one that showed as it was carried out. The message says where: `name:line: …`. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** A place in a template's text. */
export interface Place {
  readonly template: string;
  /** From 1. */
  readonly line: number;
}

export function failAt({ template, line }: Place, problem: string): never {
  throw new TemplateError(`${template}:${line}: ${problem}`);
}
