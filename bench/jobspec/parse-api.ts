import { Agent, request } from "node:http";

/** Milliseconds of each of `times` parses over one kept connection, one after the other. */
export async function parseTimes(address: string, job: string, times: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const body = JSON.stringify({ JobHCL: job, Canonicalize: true });
  const took: number[] = [];
  for (let index = 0; index < times; index++) {
    const begin = performance.now();
    await post(`${address}/v1/jobs/parse`, body, agent);
    took.push(performance.now() - begin);
  }
  agent.destroy();
  return took;
}

function post(url: string, body: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request(url, { method: "PUT", agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode}`));
      response.resume().on("end", resolve).on("error", reject);
    });
    sent.on("error", reject).end(body);
  });
}
