/** An answer other than 200: the text is for people, as Nomad's and Consul's APIs send it. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "HttpError";
    this.status = status;
  }
}

export const notFound = (what: string) => new HttpError(404, what);
export const badRequest = (why: string) => new HttpError(400, why);
