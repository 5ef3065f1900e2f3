import { patient, until } from "@fanfare/testkit";
import { FrameFlag, FrameType, frame } from "./frames.js";
import type { OpenContractSession } from "./push-session-contract.js";
import { makeWireHarness, QUICK_PING } from "./wire-harness.js";

const { CONTINUATION, DATA, HEADERS, PING, SETTINGS, WINDOW_UPDATE } = FrameType;
const PUSH_PROMISE = 5;

/** What a peer may not write (RFC 9113, sections 4 to 6), given a stream that is open. */
const BREACHES: [name: string, write: (stream: number) => Buffer[]][] = [
  ["data on no stream", () => [frame(DATA, 0, 0, Buffer.from("data"))]],
  ["an answer to what nobody asked", () => [frame(HEADERS, FrameFlag.END_HEADERS, 9_001, Buffer.from([0x88]))]],
  ["a stream of the peer's own", () => [frame(HEADERS, FrameFlag.END_HEADERS, 2, Buffer.from([0x88]))]],
  [
    "a push that was forbidden",
    (stream) => [frame(PUSH_PROMISE, FrameFlag.END_HEADERS, stream, Buffer.from([0, 0, 0, 2]))],
  ],
  ["SETTINGS of five bytes", () => [frame(SETTINGS, 0, 0, Buffer.alloc(5))]],
  ["a PING of seven bytes", () => [frame(PING, 0, 0, Buffer.alloc(7))]],
  ["a window beyond 2^31-1", () => [frame(WINDOW_UPDATE, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff]))]],
  ["a window that grows by nothing", () => [frame(WINDOW_UPDATE, 0, 0, Buffer.alloc(4))]],
  ["a frame larger than was allowed", (stream) => [frame(DATA, 0, stream, Buffer.alloc(16_385))]],
  [
    "headers that no table has",
    (stream) => [frame(HEADERS, FrameFlag.END_HEADERS, stream, Buffer.from([0xff, 0xff, 0x0f]))],
  ],
  ["headers that are not continued", (stream) => [frame(HEADERS, 0, stream), frame(PING, 0, 0, Buffer.alloc(8))]],
  ["a continuation of nothing", (stream) => [frame(CONTINUATION, FrameFlag.END_HEADERS, stream)]],
  ["more padding than frame", (stream) => [frame(DATA, FrameFlag.PADDED, stream, Buffer.from([200, 1]))]],
  ["HTTP/1.1", () => [Buffer.from("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")]],
  ["noise", () => [Buffer.from(Array.from({ length: 2_000 }, (_, index) => (index * 7_919 + 13) % 251))]],
];

/** What any implementation of `PushSession` must do when its peer fails: every request settles exactly once, in time. */
export function runPushSessionFailureContract(name: string, open: OpenContractSession): void {
  describe(`${name} with a peer that fails`, () => {
    const { connect, send, sendCounted, sendMany, kinds } = makeWireHarness(open);

    test("a peer that stops reading and answering is noticed within its ping's time", async () => {
      const { session, connection } = await connect({}, QUICK_PING);
      const replies = sendMany(session, 3);
      await until(() => connection.requests.length === 3);
      connection.socket.pause();
      const pausedAt = performance.now();
      expect(await kinds(replies)).toEqual(["unknown", "unknown", "unknown"]);
      await until(() => session.state === "closed");
      expect(performance.now() - pausedAt).toBeLessThan(patient(3_000));
    });

    test("a peer that is gone while nothing was asked of it is noticed too", async () => {
      const { session, connection } = await connect({}, QUICK_PING);
      connection.answersPings = false;
      await until(() => session.state === "closed");
      expect(await send(session)).toMatchObject({ kind: "not-processed" });
    });

    test("a peer that is silent and answers PINGs is kept", async () => {
      const { session, connection } = await connect({}, { ...QUICK_PING, pingTimeoutMs: patient(5_000) });
      await until((see) => see(connection.pings) >= 3);
      expect(session.state).toBe("open");
    });

    test("a peer that answers requests is kept, though it answers no PING", async () => {
      const pingTimeoutMs = patient(1_000);
      const { session, connection } = await connect({}, { ...QUICK_PING, pingTimeoutMs });
      connection.answersPings = false;
      const replies = sendMany(session, 20);
      await until((see) => see(connection.pings) >= 1);
      for (const stream of connection.requests) {
        connection.answer(stream);
        await new Promise((resolve) => setTimeout(resolve, pingTimeoutMs / 10));
      }
      expect(new Set(await kinds(replies))).toEqual(new Set(["answered"]));
      expect(session.state).toBe("open");
    });

    test("every send is settled within its deadline, though the peer answers nothing, whatever the body", async () => {
      const { session, connection } = await connect({}, { requestTimeoutMs: 400 });
      connection.givesWindowBack = false;
      const sentAt = performance.now();
      // Ten times as much as the connection's window: most of it never leaves.
      const replies = Array.from({ length: 160 }, () => send(session, "x".repeat(4_096)));
      expect(new Set(await kinds(replies))).toEqual(new Set(["unknown"]));
      expect(performance.now() - sentAt).toBeLessThan(patient(1_500));
      expect(session.pending).toBe(0);
    });

    test("answers that came while the process was busy are not late", async () => {
      const requestTimeoutMs = patient(1_000);
      const { session, connection } = await connect({}, { requestTimeoutMs });
      const replies = sendMany(session, 3);
      await until(() => connection.requests.length === 3);
      for (const stream of connection.requests) connection.answer(stream, 200, "on time");
      const busyUntil = performance.now() + requestTimeoutMs + 500;
      while (performance.now() < busyUntil);
      for (const reply of await Promise.all(replies)) {
        expect(reply.kind === "answered" && reply.body.toString()).toBe("on time");
      }
    });

    test("a connection that ends without GOAWAY leaves what was written unknown, and what comes after is not processed", async () => {
      const { session, connection } = await connect({});
      const settled = sendCounted(session, 5);
      await until(() => connection.requests.length === 5);
      connection.socket.destroy();
      await until(() => session.state === "closed");
      settled.push(...sendCounted(session, 1));
      expect(settled).toEqual([...Array(5).fill(["unknown"]), ["not-processed"]]);
    });

    test("what is told as not processed never reached the peer, though the session is destroyed while it is sent", async () => {
      const { session, connection, peer } = await connect({});
      const settled = sendCounted(session, 5);
      session.destroy();
      settled.push(...sendCounted(session, 5));
      await until(() => session.state === "closed");
      await peer.close();
      expect(settled.map(({ length }) => length)).toEqual(Array(10).fill(1));
      expect(settled.slice(5)).toEqual(Array(5).fill(["not-processed"]));
      expect(connection.requests.length).toBeLessThanOrEqual(
        settled.flat().filter((kind) => kind === "unknown").length,
      );
    });

    test.each(BREACHES)("%s ends the session, and everything is settled once", async (_name, write) => {
      const { session, connection } = await connect({}, QUICK_PING);
      const settled = sendCounted(session, 5);
      await until(() => connection.requests.length === 5);
      connection.write(...write(connection.requests[0] ?? 0));
      connection.answersPings = false;
      await until(() => session.state !== "open" || connection.pings > 0);
      settled.push(...sendCounted(session, 1));
      await until(() => session.state === "closed");
      expect(settled.map(({ length }) => length)).toEqual(Array(6).fill(1));
      expect(settled.flat()).not.toContain("answered");
    });

    test("close gives up on a peer that answers nothing", async () => {
      const { session, connection } = await connect({}, { drainTimeoutMs: 300 });
      const reply = send(session);
      await until(() => connection.requests.length === 1);
      await session.close();
      expect(await reply).toMatchObject({ kind: "unknown" });
      expect(session.state).toBe("closed");
    });

    test("close ends though the peer hangs up in the same moment", async () => {
      const { session, connection } = await connect({}, { requestTimeoutMs: 300 });
      expect(new Set(await kinds(sendMany(session, 50)))).toEqual(new Set(["unknown"]));
      const closed = session.close();
      connection.socket.destroy();
      await closed;
      expect(session.state).toBe("closed");
    });

    test("destroy twice, and close after it, settle nothing twice", async () => {
      const { session, connection } = await connect({});
      const settled = sendCounted(session, 3);
      await until(() => connection.requests.length === 3);
      session.destroy();
      session.destroy();
      await session.close();
      expect(session.state).toBe("closed");
      expect(settled).toEqual(Array(3).fill(["unknown"]));
    });
  });
}
