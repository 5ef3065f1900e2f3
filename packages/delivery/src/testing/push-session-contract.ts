import http2 from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { patient, until } from "@fanfare/testkit";
import type { PushReply, PushSession, SessionEvents } from "../push-session.js";
import { runPushSessionEndContract } from "./push-session-end-contract.js";
import { runPushSessionFailureContract } from "./push-session-failure-contract.js";
import { runPushSessionFieldContract } from "./push-session-field-contract.js";
import { runPushSessionGoawayContract } from "./push-session-goaway-contract.js";
import { runPushSessionStatusContract } from "./push-session-status-contract.js";
import { runPushSessionWireContract } from "./push-session-wire-contract.js";
import { selfSignedCertificate, startTestServer, type TestServer } from "./tls-server.js";
import { useTls } from "./use-tls.js";

/** How a session under test is to behave. */
export interface ContractSessionOptions {
  origin: string;
  ca?: string;
  connectTimeoutMs?: number;
  requestTimeoutMs?: number;
  pingIdleMs?: number;
  pingTimeoutMs?: number;
  drainTimeoutMs?: number;
}

/** Opens a session of the implementation under test. */
export type OpenContractSession = (options: ContractSessionOptions, events: SessionEvents) => Promise<PushSession>;

type OnStream = Parameters<typeof startTestServer>[1];

/** What any implementation of `PushSession` must do, against real HTTP/2 peers over TLS. */
export function runPushSessionContract(name: string, open: OpenContractSession): void {
  runPushSessionWireContract(name, open);
  runPushSessionFieldContract(name, open);
  runPushSessionStatusContract(name, open);
  runPushSessionGoawayContract(name, open);
  runPushSessionFailureContract(name, open);
  runPushSessionEndContract(name, open);
  describe(`${name} as a PushSession`, () => {
    const used = useTls();

    async function serve(onStream: OnStream, settings: http2.Settings = {}): Promise<TestServer> {
      const server = await startTestServer({ ...used.tls, settings }, onStream);
      used.afterwards(server.close);
      return server;
    }

    async function connect(server: { origin: string }, options: Partial<ContractSessionOptions> = {}) {
      let changed: () => void = () => undefined;
      const events = { onChange: () => changed() };
      const session = await open({ origin: server.origin, ca: used.tls.cert, ...options }, events);
      used.afterwards(() => session.destroy());
      const when = (condition: () => boolean) =>
        new Promise<void>((resolve) => {
          changed = () => condition() && resolve();
          changed();
        });
      return { session, when };
    }

    const send = (session: PushSession, path = "/", body = "") =>
      new Promise<PushReply>((resolve) =>
        session.send({ path, headers: { "x-a": "b" }, body: Buffer.from(body) }, resolve),
      );

    const echo: OnStream = (stream, headers, body) => {
      stream.respond({ ":status": 201, "x-path": headers[":path"], "x-a": headers["x-a"] });
      stream.end(body);
    };

    test("a request is a POST with its path, headers and body, and its answer has all three parts", async () => {
      const { session } = await connect(await serve(echo));
      const reply = await send(session, "/3/device/a%20b", "payload");
      expect(reply).toMatchObject({
        kind: "answered",
        status: 201,
        headers: { "x-path": "/3/device/a%20b", "x-a": "b" },
      });
      expect(reply.kind === "answered" && reply.body.toString()).toBe("payload");
      expect(session.pending).toBe(0);
    });

    test("a thousand requests leave no listener, timer or socket behind", async () => {
      const warnings: Error[] = [];
      const onWarning = (warning: Error) => warnings.push(warning);
      process.on("warning", onWarning);
      used.afterwards(() => process.off("warning", onWarning));
      const { session } = await connect(await serve(echo));
      const sendMany = (count: number) => Promise.all(Array.from({ length: count }, () => send(session)));
      await sendMany(50);
      await new Promise(setImmediate);
      // Looked at from inside `until` both times, since it has a timer too.
      const before = await until(() => process.getActiveResourcesInfo());
      for (let round = 0; round < 20; round++) await sendMany(50);
      // Node and jest have timers of their own, that come and go: what the requests left would be there for ever.
      await until(() => newSince(before).length === 0);
      // Node warns of an emitter that gathers listeners.
      expect(warnings).toEqual([]);
    });

    test("the peer's stream limit is known once the session is open, and is never exceeded", async () => {
      let open = 0;
      let most = 0;
      const held: http2.ServerHttp2Stream[] = [];
      const server = await serve(
        (stream) => {
          most = Math.max(most, ++open);
          held.push(stream);
          stream.on("close", () => open--);
        },
        { maxConcurrentStreams: 3 },
      );
      const { session } = await connect(server);
      expect(session.freeStreams).toBe(3);
      const replies = [1, 2, 3].map(() => send(session));
      expect(session.freeStreams).toBe(0);
      expect(await send(session)).toMatchObject({ kind: "not-processed" });
      await until(() => held.length === 3);
      for (const stream of held) stream.respond({ ":status": 200 }, { endStream: true });
      expect((await Promise.all(replies)).map(({ kind }) => kind)).toEqual(["answered", "answered", "answered"]);
      expect(most).toBe(3);
    });

    test("a stream limit that is raised is used", async () => {
      const server = await serve((stream) => stream.respond({ ":status": 200 }, { endStream: true }), {
        maxConcurrentStreams: 1,
      });
      const { session, when } = await connect(server);
      expect(session.freeStreams).toBe(1);
      for (const peer of server.sessions) peer.settings({ maxConcurrentStreams: 100 });
      await when(() => session.freeStreams === 100);
    });

    test("a refused stream was not processed, and any other reset leaves the outcome unknown", async () => {
      const { NGHTTP2_REFUSED_STREAM, NGHTTP2_INTERNAL_ERROR } = http2.constants;
      const { session } = await connect(
        await serve((stream, headers) =>
          stream.close(headers[":path"] === "/refuse" ? NGHTTP2_REFUSED_STREAM : NGHTTP2_INTERNAL_ERROR),
        ),
      );
      expect(await send(session, "/refuse")).toEqual({ kind: "not-processed", code: "REFUSED_STREAM" });
      expect(await send(session, "/reset")).toEqual({ kind: "unknown", code: "INTERNAL_ERROR" });
    });

    test("after GOAWAY a session takes nothing more and still hands over the answers that are owed", async () => {
      const held: http2.ServerHttp2Stream[] = [];
      const server = await serve((stream) => void held.push(stream));
      const { session, when } = await connect(server);
      const owed = send(session);
      await until(() => held.length === 1);
      for (const peer of server.sessions) peer.goaway(http2.constants.NGHTTP2_NO_ERROR, held[0]?.id ?? 0);
      await when(() => session.state !== "open");
      expect(session.freeStreams).toBe(0);
      expect(await send(session)).toMatchObject({ kind: "not-processed" });
      held[0]?.respond({ ":status": 200 }, { endStream: true });
      expect(await owed).toMatchObject({ kind: "answered", status: 200 });
    });

    test("streams above GOAWAY's last id were not processed", async () => {
      const held: http2.ServerHttp2Stream[] = [];
      const server = await serve((stream) => void held.push(stream));
      const { session } = await connect(server);
      const replies = [send(session, "/1"), send(session, "/2")];
      await until(() => held.length === 2);
      for (const peer of server.sessions) peer.goaway(http2.constants.NGHTTP2_NO_ERROR, 1);
      expect(await replies[1]).toMatchObject({ kind: "not-processed" });
      held[0]?.respond({ ":status": 200 }, { endStream: true });
      expect(await replies[0]).toMatchObject({ kind: "answered" });
    });

    test("a lost connection leaves the outcome of what was written unknown, and closes the session", async () => {
      const held: http2.ServerHttp2Stream[] = [];
      const server = await serve((stream) => void held.push(stream));
      const { session, when } = await connect(server);
      const reply = send(session);
      await until(() => held.length === 1);
      for (const peer of server.sessions) peer.destroy();
      expect((await reply).kind).toBe("unknown");
      await when(() => session.state === "closed");
      expect(await send(session)).toMatchObject({ kind: "not-processed" });
    });

    test("a request that is not answered in time is unknown, and the session goes on", async () => {
      const server = await serve((stream, headers) => {
        if (headers[":path"] !== "/silent") stream.respond({ ":status": 200 }, { endStream: true });
      });
      const { session } = await connect(server, { requestTimeoutMs: patient(1_000) });
      expect(await send(session, "/silent")).toEqual({ kind: "unknown", code: "TIMEOUT" });
      expect(await send(session, "/")).toMatchObject({ kind: "answered" });
    });

    test("close waits for the answers that are owed", async () => {
      const held: http2.ServerHttp2Stream[] = [];
      const { session } = await connect(await serve((stream) => void held.push(stream)));
      const reply = send(session);
      await until(() => held.length === 1);
      const closed = session.close();
      held[0]?.respond({ ":status": 200 }, { endStream: true });
      expect(await reply).toMatchObject({ kind: "answered" });
      await closed;
      expect(session.state).toBe("closed");
    });

    test("destroy settles what is pending as unknown", async () => {
      const held: http2.ServerHttp2Stream[] = [];
      const { session } = await connect(await serve((stream) => void held.push(stream)));
      const reply = send(session);
      await until(() => held.length === 1);
      session.destroy();
      expect((await reply).kind).toBe("unknown");
    });

    test("large answers stall nobody, though they are larger than the windows", async () => {
      const { session, when } = await connect(
        await serve((stream) => {
          stream.respond({ ":status": 200 });
          stream.end(Buffer.alloc(200_000, "x"));
        }),
      );
      const replies = await Promise.all(Array.from({ length: 30 }, () => send(session)));
      expect(new Set(replies.map(({ kind }) => kind))).toEqual(new Set(["answered"]));
      await when(() => session.pending === 0);
    });

    test("three thousand requests leave nothing pending", async () => {
      const { session, when } = await connect(await serve(echo, { maxConcurrentStreams: 100 }));
      let answered = 0;
      for (let sent = 0; sent < 3_000; sent++) {
        if (session.freeStreams === 0) await when(() => session.freeStreams > 0);
        session.send({ path: "/", headers: {}, body: Buffer.alloc(0) }, ({ kind }) => {
          if (kind === "answered") answered++;
        });
      }
      await when(() => session.pending === 0);
      expect(answered).toBe(3_000);
    });

    describe("can not be opened", () => {
      async function tcpServer(onSocket: (server: Server) => void = () => undefined): Promise<string> {
        const server = createServer((socket) => used.afterwards(() => socket.destroy()));
        onSocket(server);
        await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
        used.afterwards(() => server.close());
        return `https://localhost:${(server.address() as { port: number }).port}`;
      }

      test("when nobody listens", async () => {
        const refused = connect({ origin: "https://localhost:1" });
        await expect(refused).rejects.toMatchObject({ name: "SessionConnectError", code: "ECONNREFUSED" });
      });

      test("when the peer's certificate is not trusted", async () => {
        const server = await serve(echo);
        const { cert } = await selfSignedCertificate();
        await expect(connect(server, { ca: cert })).rejects.toMatchObject({ name: "SessionConnectError" });
      });

      async function tlsServer(protocol: string, onSocket: (socket: Socket) => void): Promise<string> {
        const server = createTlsServer({ ...used.tls, ALPNProtocols: [protocol] }, (socket) => {
          used.afterwards(() => socket.destroy());
          socket.on("error", () => socket.destroy());
          onSocket(socket);
        });
        await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
        used.afterwards(() => server.close());
        return `https://localhost:${(server.address() as { port: number }).port}`;
      }

      test("when the peer does not speak HTTP/2", async () => {
        const refused = connect({ origin: await tlsServer("http/1.1", () => undefined) });
        await expect(refused).rejects.toMatchObject({ name: "SessionConnectError" });
      });

      test("when the peer hangs up before its SETTINGS", async () => {
        const lost = connect({ origin: await tlsServer("h2", (socket) => socket.destroy()) });
        await expect(lost).rejects.toMatchObject({ name: "SessionConnectError" });
      });

      test("when the peer speaks TLS and sends no SETTINGS", async () => {
        const silent = connect({ origin: await tlsServer("h2", () => undefined) }, { connectTimeoutMs: 200 });
        await expect(silent).rejects.toMatchObject({ name: "SessionConnectError", code: "CONNECT_TIMEOUT" });
      });

      test("when the peer takes the connection and says nothing", async () => {
        const silent = connect({ origin: await tcpServer() }, { connectTimeoutMs: 200 });
        await expect(silent).rejects.toMatchObject({ name: "SessionConnectError", code: "CONNECT_TIMEOUT" });
      });
    });
  });
}

/** Timers, sockets and the like that keep the process alive now, beyond those that did before. */
function newSince(before: readonly string[]): string[] {
  const left = [...before];
  return process.getActiveResourcesInfo().filter((resource) => {
    const known = left.indexOf(resource);
    if (known >= 0) left.splice(known, 1);
    return known < 0;
  });
}
