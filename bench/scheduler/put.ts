import { Agent, request } from "node:http";

/** Kept connections: a client that costs as much as the agent would measure itself. */
const connections = new Agent({ keepAlive: true });

/** Sends JSON, and gives the answer's text. Throws it when the agent refuses. */
export function put(url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Length": Buffer.byteLength(body) };
    const sending = request(url, { method: "PUT", agent: connections, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      answer.on("error", reject);
      answer.on("end", () => (answer.statusCode === 200 ? resolve(text) : reject(new Error(text))));
    });
    sending.on("error", reject);
    sending.end(body);
  });
}
