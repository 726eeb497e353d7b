import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { test } from "node:test";
import { SocketList } from "./socket-list.ts";

async function listen(host: string): Promise<Server> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  return (server.address() as { port: number }).port;
}

test("what waits for others is listed with its address, as people write it, for as long as it does", async () => {
  using list = new SocketList(null);
  const places = (port: number) =>
    list
      .waiting()
      .flatMap((socket) => (socket.port === port ? [`${socket.protocol} ${socket.address}`] : []));
  const udp = createSocket("udp4").bind(0, "127.0.0.3");
  await once(udp, "listening");
  assert.deepEqual(places(udp.address().port), ["udp 127.0.0.3"]);
  udp.close();

  for (const host of ["127.0.0.2", "0.0.0.0", "::1", "::"]) {
    const server = await listen(host);
    const port = portOf(server);
    assert.deepEqual(places(port), [`tcp ${host}`]);
    server.close();
    await once(server, "close");
    assert.deepEqual(places(port), []);
  }
});

test("a connection is nothing that waits, and more sockets are listed than one answer of the kernel holds", async () => {
  using list = new SocketList(null);
  const servers = await Promise.all(Array.from({ length: 700 }, () => listen("127.0.0.1")));
  const client = connect(portOf(servers[0] as Server), "127.0.0.1");
  await once(client, "connect");
  const waiting = list.waiting().map(({ port }) => port);
  assert.deepEqual(
    servers.filter((server) => !waiting.includes(portOf(server))),
    [],
  );
  assert.equal(waiting.includes(client.localPort ?? 0), false);
  client.destroy();
  for (const server of servers) server.close();
});
