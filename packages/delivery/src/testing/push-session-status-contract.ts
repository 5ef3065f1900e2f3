import { until } from "@fanfare/testkit";
import type { PushSession } from "../push-session.js";
import type { PeerConnection } from "./frame-peer.js";
import { FrameFlag, FrameType, frame, type HeaderField, headerBlock } from "./frames.js";
import type { OpenContractSession } from "./push-session-contract.js";
import { makeWireHarness, QUICK_PING } from "./wire-harness.js";

const STATUSES = [200, 400, 404, 410, 429, 503];

/** RFC 9113, section 7. */
const [NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, REFUSED_STREAM, CANCEL] = [0, 1, 2, 7, 8];

/** What may happen to requests instead of the end of their answers, given their streams. */
const ENDS: [name: string, end: (peer: PeerConnection, session: PushSession) => void][] = [
  ["their deadline comes", () => undefined],
  ...[NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, REFUSED_STREAM, CANCEL].map((code): (typeof ENDS)[number] => [
    `they are reset with code ${code}`,
    (peer) => peer.requests.map((stream) => peer.reset(stream, code)),
  ]),
  ["the peer hangs up", ({ socket }) => socket.end()],
  ["the connection is lost", ({ socket }) => socket.destroy()],
  ["the peer says nothing any more", (peer) => Object.assign(peer, { answersPings: false })],
  ["the peer goes away, for an error", (peer) => peer.goaway(peer.requests.at(-1) ?? 0, INTERNAL_ERROR)],
  ["the peer goes away, and calls them not processed", (peer) => peer.goaway(0)],
  ["the peer breaks the protocol", (peer) => peer.write(frame(FrameType.PING, 0, 0, Buffer.alloc(7)))],
  ["the session is closed, and its time to drain is over", (_peer, session) => void session.close()],
  ["the session is destroyed", (_peer, session) => session.destroy()],
];

/**
 * An answer's status is the provider's decision (RFC 9113, section 8.1: the head comes before all else): one rule for every end of
 * a request. A push that was accepted is not sent again because its answer did not end.
 */
export function runPushSessionStatusContract(name: string, open: OpenContractSession): void {
  describe(`${name} with answers that do not end`, () => {
    const { connect, send, sendMany } = makeWireHarness(open);

    function head(stream: number, status: number, flags = 0): Buffer {
      const fields: HeaderField[] = [
        [":status", String(status)],
        ["apns-id", `id-${status}`],
      ];
      return frame(FrameType.HEADERS, FrameFlag.END_HEADERS | flags, stream, headerBlock(fields));
    }

    async function requestsOn(options: Parameters<typeof connect>[1] = {}) {
      const { session, connection } = await connect({}, options);
      const replies = sendMany(session, STATUSES.length);
      await until(() => connection.requests.length === STATUSES.length);
      return { session, connection, replies };
    }

    const QUICK = { ...QUICK_PING, requestTimeoutMs: 1_500, drainTimeoutMs: 1_000 };

    test.each(ENDS)("a status that has arrived decides, whatever it is, when %s", async (_how, end) => {
      const { session, connection, replies } = await requestsOn(QUICK);
      for (const [index, stream] of connection.requests.entries()) {
        const part = frame(FrameType.DATA, 0, stream, Buffer.from('{"reason":"cut o'));
        connection.write(head(stream, STATUSES[index] ?? 0), part);
      }
      await heard(connection);
      end(connection, session);
      const settled = await Promise.all(replies);
      expect(settled).toMatchObject(
        STATUSES.map((status) => ({ kind: "answered", status, headers: { "apns-id": `id-${status}` } })),
      );
      for (const reply of settled) expect(reply.kind === "answered" && reply.body.toString()).toBe('{"reason":"cut o');
    });

    test.each(ENDS)("an interim answer decides nothing, when %s", async (how, end) => {
      const { session, connection, replies } = await requestsOn(QUICK);
      for (const stream of connection.requests) {
        connection.write(frame(FrameType.HEADERS, FrameFlag.END_HEADERS, stream, headerBlock([[":status", "103"]])));
      }
      await heard(connection);
      end(connection, session);
      const notProcessed = how.includes("not processed") || how.includes(String(REFUSED_STREAM));
      const kind = notProcessed ? "not-processed" : "unknown";
      expect((await Promise.all(replies)).map((reply) => reply.kind)).toEqual(STATUSES.map(() => kind));
    });

    test("a status alone, without a body and without an end, is there at the deadline and the session goes on", async () => {
      const { session, connection } = await connect(
        { onRequest: (peer, stream) => peer.requests.length > 1 && peer.answer(stream) },
        { requestTimeoutMs: 600 },
      );
      const first = send(session);
      await until(() => connection.requests.length === 1);
      connection.write(head(1, 200));
      expect(await first).toMatchObject({ kind: "answered", status: 200, headers: { "apns-id": "id-200" } });
      expect(await send(session)).toMatchObject({ kind: "answered" });
      expect(session.state).toBe("open");
    });

    test("a body that goes on for ever ends at the deadline, and is not kept whole", async () => {
      const { session, connection } = await connect({}, { requestTimeoutMs: 1_000 });
      const reply = send(session);
      await until(() => connection.requests.length === 1);
      connection.write(head(1, 400));
      const dripping = setInterval(() => connection.write(frame(FrameType.DATA, 0, 1, Buffer.alloc(8_000, "x"))), 5);
      const answered = await reply;
      clearInterval(dripping);
      expect(answered).toMatchObject({ kind: "answered", status: 400 });
      expect(answered.kind === "answered" && answered.body.length).toBeLessThanOrEqual(65_536);
    });

    /** Resolves when the client has read all that was written to it until now. */
    async function heard(connection: PeerConnection): Promise<void> {
      const before = connection.settingsAcks;
      connection.settings({});
      await until(() => connection.settingsAcks > before);
    }
  });
}
