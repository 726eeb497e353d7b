/** A request that makes no sense as things are; the message tells its author why. */
export class RefusedError extends Error {
  readonly kind: "bad request" | "not found";

  constructor(message: string, kind: "bad request" | "not found" = "bad request") {
    super(message);
    this.name = "RefusedError";
    this.kind = kind;
  }
}
