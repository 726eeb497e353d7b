import { createWriteStream } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface Download {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Do not verify certificates. */
  readonly isInsecure: boolean;
  readonly file: string;
  readonly signal: AbortSignal;
}

const MOST_REDIRECTS = 10;
/** Bytes. */
export const LARGEST = 100 * 1024 ** 3;

/** Fetches a file. Throws an error in words. */
export async function download(options: Download): Promise<void> {
  let url = new URL(options.url);
  for (let redirects = 0; ; redirects++) {
    const response = await open(url, options);
    const { statusCode = 0, headers } = response;
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      response.resume();
      if (redirects >= MOST_REDIRECTS) throw new Error("there are more than 10 redirects");
      url = new URL(headers.location, url);
      if (!/^https?:$/.test(url.protocol)) throw new Error(`it redirects to ${url.href}`);
      continue;
    }
    if (statusCode !== 200) {
      response.destroy();
      throw new Error(`the server answers ${statusCode} ${response.statusMessage ?? ""}`.trim());
    }
    await pipeline(response, limited(), createWriteStream(options.file), { signal: options.signal });
    return;
  }
}

function open(url: URL, { headers, isInsecure, signal, ...given }: Download): Promise<IncomingMessage> {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  // Credentials are for the host that they were given for.
  const isSameHost = url.host === new URL(given.url).host;
  return new Promise((resolve, reject) => {
    const sent = send(url, {
      headers: isSameHost ? { ...headers } : {},
      rejectUnauthorized: !isInsecure,
      signal,
    });
    sent.on("response", resolve).on("error", reject).end();
  });
}

function limited(): Transform {
  let size = 0;
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      size += chunk.length;
      if (size > LARGEST) done(new Error("it is longer than 100 GB"));
      else done(null, chunk);
    },
  });
}
