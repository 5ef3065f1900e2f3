import { patient, until } from "@fanfare/testkit";
import { giveWindow } from "./frame-peer.js";
import { FrameFlag, FrameType, frame, headerBlock, Setting } from "./frames.js";
import type { OpenContractSession } from "./push-session-contract.js";
import { makeWireHarness } from "./wire-harness.js";

/** What any implementation of `PushSession` must do with streams and answers, however a peer cuts them into frames. */
export function runPushSessionWireContract(name: string, open: OpenContractSession): void {
  describe(`${name} on the wire`, () => {
    const { connect, send, sendMany, kinds } = makeWireHarness(open);
    const limit = (value: number) => ({ [Setting.MAX_CONCURRENT_STREAMS]: value });

    test("the stream limit is followed up and down, its owner is told, and it is never exceeded", async () => {
      const { session, connection, told } = await connect({ settings: limit(1) });
      expect(session.freeStreams).toBe(1);
      const answerAll = () => {
        for (const stream of [...connection.open]) connection.answer(stream);
      };
      for (const value of [1_000, 1, 100]) {
        connection.mostOpen = 0;
        const changesBefore = told.changes;
        connection.settings(limit(value));
        await until(() => session.freeStreams === value);
        expect(told.changes).toBeGreaterThan(changesBefore);
        const replies = sendMany(session, value);
        expect(session.freeStreams).toBe(0);
        expect(await send(session)).toMatchObject({ kind: "not-processed" });
        await until(() => connection.open.size === value);
        answerAll();
        expect(new Set(await kinds(replies))).toEqual(new Set(["answered"]));
        expect(connection.mostOpen).toBe(value);
      }
    });

    test("a stream limit that falls below what is open: nothing is opened until the open ones are below it", async () => {
      const { session, connection } = await connect({ settings: limit(50) });
      const replies = sendMany(session, 50);
      await until(() => connection.requests.length === 50);
      const acksBefore = connection.settingsAcks;
      connection.settings(limit(2));
      await until(() => connection.settingsAcks > acksBefore);
      const [last = 0, ...others] = [...connection.requests].reverse();
      for (const stream of others.slice(1)) connection.answer(stream);
      await until(() => session.pending === 2);
      expect(session.freeStreams).toBe(0);
      expect(await send(session)).toMatchObject({ kind: "not-processed" });
      connection.answer(others[0] ?? 0);
      await until(() => session.freeStreams === 1);
      replies.push(send(session));
      await until(() => connection.requests.length === 51);
      expect([...connection.open]).toEqual([last, connection.requests[50]]);
      for (const stream of [...connection.open]) connection.answer(stream);
      expect(new Set(await kinds(replies))).toEqual(new Set(["answered"]));
    });

    test("a stream limit of none is a limit, and ends with the next one", async () => {
      const { session, connection } = await connect({ settings: limit(0) });
      expect(session.freeStreams).toBe(0);
      expect(await send(session)).toMatchObject({ kind: "not-processed" });
      connection.settings(limit(1));
      await until(() => session.freeStreams === 1);
    });

    test("a request that is given up frees its stream at the peer before the next one takes it", async () => {
      const { session, connection } = await connect({ settings: limit(1) }, { requestTimeoutMs: 300 });
      for (let request = 0; request < 3; request++) {
        expect(await send(session)).toEqual({ kind: "unknown", code: "TIMEOUT" });
      }
      await until(() => connection.requests.length === 3);
      expect(connection.mostOpen).toBe(1);
    });

    test("answers may come out of order", async () => {
      const { session, connection } = await connect({});
      const replies = sendMany(session, 3);
      await until(() => connection.requests.length === 3);
      for (const [index, stream] of [...connection.requests].reverse().entries()) {
        connection.answer(stream, 200, `answer ${index}`);
      }
      const bodies = (await Promise.all(replies)).map((reply) => reply.kind === "answered" && reply.body.toString());
      expect(bodies).toEqual(["answer 2", "answer 1", "answer 0"]);
    });

    test("an answer may come in frames of one byte, padded, its headers in two, among frames that nobody knows", async () => {
      const { session, connection } = await connect({});
      const reply = send(session);
      await until(() => connection.requests.length === 1);
      const [stream = 0] = connection.requests;
      const block = headerBlock([
        [":status", "403"],
        ["apns-id", "some-id"],
      ]);
      const frames = [
        frame(FrameType.HEADERS, 0, stream, block.subarray(0, 5)),
        frame(FrameType.CONTINUATION, FrameFlag.END_HEADERS, stream, block.subarray(5)),
        frame(0xee, 0xff, stream, Buffer.from("a frame of a type that nobody knows")),
        ...[..."padded"].map((letter) =>
          frame(FrameType.DATA, FrameFlag.PADDED, stream, Buffer.from([2, letter.charCodeAt(0), 0, 0])),
        ),
        frame(FrameType.DATA, FrameFlag.END_STREAM, stream),
      ];
      for (const byte of Buffer.concat(frames)) connection.write(Buffer.from([byte]));
      const answered = await reply;
      expect(answered).toMatchObject({ kind: "answered", status: 403, headers: { "apns-id": "some-id" } });
      expect(answered.kind === "answered" && answered.body.toString()).toBe("padded");
    });

    test("once its status is here an answer counts, though the rest of it is cut off", async () => {
      const { session, connection } = await connect({});
      const reply = send(session);
      await until(() => connection.requests.length === 1);
      const [stream = 0] = connection.requests;
      const block = headerBlock([[":status", "200"]]);
      connection.write(frame(FrameType.HEADERS, FrameFlag.END_HEADERS, stream, block));
      connection.reset(stream, 2);
      expect(await reply).toMatchObject({ kind: "answered", status: 200 });
    });

    test("a peer with a small window gets the body piece by piece", async () => {
      const { session, connection } = await connect({ settings: { [Setting.INITIAL_WINDOW_SIZE]: 10 } });
      connection.givesWindowBack = false;
      connection.socket.on("data", () => {
        for (const stream of connection.open) giveWindow(connection, stream, 500);
      });
      const reply = send(session, "x".repeat(4_096));
      await until(() => connection.requests.length === 1);
      connection.answer(connection.requests[0] ?? 0);
      expect(await reply).toMatchObject({ kind: "answered" });
    });

    test("an answer that comes before the body has left is an answer", async () => {
      const settings = { [Setting.INITIAL_WINDOW_SIZE]: 10 };
      const { session, connection } = await connect({ settings }, { requestTimeoutMs: patient(1_000) });
      connection.givesWindowBack = false;
      const reply = send(session, "x".repeat(4_096));
      await until(() => connection.open.size === 1);
      connection.answer(1, 413, "too large");
      expect(await reply).toMatchObject({ kind: "answered", status: 413 });
    });
  });
}
