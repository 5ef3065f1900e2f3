import http2 from "node:http2";
import type { Socket } from "node:net";
import { jest } from "@jest/globals";
import { openNodeHttp2Session } from "./node-http2-session.js";
import { startFramePeer } from "./testing/frame-peer.js";
import { runPushSessionContract } from "./testing/push-session-contract.js";
import { selfSignedCertificate } from "./testing/tls-server.js";

runPushSessionContract("node:http2", openNodeHttp2Session);

test("listeners of the socket and of the session do not grow with the requests", async () => {
  const tls = await selfSignedCertificate();
  const peer = await startFramePeer(tls, { onRequest: (connection, stream) => connection.answer(stream) });
  const connect = jest.spyOn(http2, "connect");
  const session = await openNodeHttp2Session({ origin: peer.origin, ca: tls.cert }, { onChange: () => undefined });
  const connection = connect.mock.results[0]?.value as http2.ClientHttp2Session;
  connect.mockRestore();
  const count = () =>
    [connection, connection.socket].map((emitter) =>
      emitter.eventNames().reduce((sum, event) => sum + emitter.listenerCount(event), 0),
    );
  const sendFifty = () =>
    Promise.all(
      Array.from({ length: 50 }, () => {
        const request = { path: "/", headers: {}, body: Buffer.from("{}") };
        return new Promise((resolve) => session.send(request, resolve));
      }),
    );
  await sendFifty();
  const before = count();
  expect(Math.min(...before)).toBeGreaterThan(0);
  for (let round = 0; round < 40; round++) await sendFifty();
  expect(count()).toEqual(before);
  await session.close();
  await peer.close();
});

test("a session leaves no socket behind, though the peer hangs up in the moment that it closes", async () => {
  const tls = await selfSignedCertificate();
  const peer = await startFramePeer(tls, {});
  const connect = jest.spyOn(http2, "connect");
  const options = { origin: peer.origin, ca: tls.cert, requestTimeoutMs: 300 };
  const opening = openNodeHttp2Session(options, { onChange: () => undefined });
  const sockets: Socket[] = [];
  const connection = connect.mock.results[0]?.value as http2.ClientHttp2Session;
  connection.once("connect", (_session, socket) => void sockets.push(socket as Socket));
  connect.mockRestore();
  const session = await opening;
  const request = { path: "/", headers: {}, body: Buffer.from("{}") };
  await Promise.all(Array.from({ length: 50 }, () => new Promise((resolve) => session.send(request, resolve))));
  const closed = session.close();
  peer.connections[0]?.socket.destroy();
  await closed;
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
  await peer.close();
});
