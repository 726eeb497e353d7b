import fastify, { type FastifyInstance } from "fastify";
import { AuthorityError } from "#mesh/ca/validator.ts";
import type { Log } from "#model/log.ts";
import { RegistrationError } from "#server/agent-services.ts";
import { ConflictError } from "#server/jobs.ts";
import { RefusedError } from "#server/refused-error.ts";
import { StoreWriteError } from "#store/store.ts";
import { HttpError } from "./http-error.ts";

const BODY_LIMIT = 8 * 1024 * 1024;
/** Blocking queries may wait ten minutes; their connections must not be closed before. */
const REQUEST_TIMEOUT = 0;

export interface HttpServerOptions {
  readonly log: Log;
  /** The name of the index header: `X-Nomad-Index`, `X-Consul-Index`. */
  readonly routes: (app: FastifyInstance) => void;
}

/** An HTTP server with the manners of Nomad's and Consul's: JSON in and out, errors as plain text. */
export function httpServer({ log, routes }: HttpServerOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 1024, ignoreTrailingSlash: true },
  });
  readBodiesAsJson(app);
  refuseForeignPages(app);
  app.setNotFoundHandler((request, reply) => {
    reply
      .code(404)
      .type("text/plain")
      .send(`there is no route ${request.method} ${request.url.split("?")[0]}`);
  });
  app.setErrorHandler((error: unknown, _request, reply) => {
    const { status, message } = answerTo(error, log);
    reply.code(status).type("text/plain").send(message);
  });
  routes(app);
  return app;
}

/** Many clients send JSON without saying so; an empty body is no body. */
function readBodiesAsJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
    if (body === "") return done(null, null);
    try {
      done(null, JSON.parse(body as string));
    } catch (error) {
      done(new HttpError(400, `Request decoding failed: the body is not JSON: ${(error as Error).message}`));
    }
  });
}

/**
 * A page from elsewhere that a browser on this machine shows must not command the agent: requests that name
 * another origin, or reach it under a foreign name (DNS rebinding), are refused.
 */
function refuseForeignPages(app: FastifyInstance): void {
  app.addHook("onRequest", async (request) => {
    const host = request.headers.host ?? "";
    const origin = request.headers.origin;
    if (origin !== undefined && URL.parse(origin)?.host !== host) {
      throw new HttpError(403, `requests from pages of ${origin} are not answered`);
    }
    const name = host.replace(/:\d+$/, "");
    if (origin !== undefined && !/^(localhost|\[[\da-f:.]+\]|[\d.]+)$/i.test(name)) {
      throw new HttpError(403, `the agent is not called ${name}; use its address`);
    }
  });
}

function answerTo(error: unknown, log: Log): { status: number; message: string } {
  if (error instanceof HttpError) return error;
  if (error instanceof RegistrationError) {
    return { status: error.isUnknown ? 404 : 400, message: error.message };
  }
  if (error instanceof AuthorityError) return { status: 400, message: error.message };
  if (error instanceof ConflictError) return { status: 409, message: error.message };
  if (error instanceof RefusedError) {
    return { status: error.kind === "not found" ? 404 : 400, message: error.message };
  }
  const { statusCode, message } = error as { statusCode?: number; message: string };
  if (statusCode !== undefined && statusCode < 500) return { status: statusCode, message };
  log.error("a request failed", { error });
  if (error instanceof StoreWriteError) return { status: 507, message };
  return { status: 500, message: `internal error: ${message}` };
}
