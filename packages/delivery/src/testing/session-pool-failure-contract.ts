import { patient, until } from "@fanfare/testkit";
import { MAX_STREAM, type PeerConnection } from "./frame-peer.js";
import { FrameFlag, FrameType, frame, headerBlock, Setting } from "./frames.js";
import { countKinds, gapsBetween, makePoolHarness } from "./pool-harness.js";
import type { OpenContractSession } from "./push-session-contract.js";
import { QUICK_PING } from "./wire-harness.js";

const WAITING = 5_000;
const STREAMS = 100;
const settings = { [Setting.MAX_CONCURRENT_STREAMS]: STREAMS };

/** Ways to be gone. */
const VANISH: [how: string, vanish: (connection: PeerConnection) => void][] = [
  ["hangs up", ({ socket }) => socket.destroy()],
  ["says nothing any more", (connection) => stopAnswering(connection)],
];

function stopAnswering(connection: PeerConnection): void {
  connection.answersPings = false;
  connection.givesWindowBack = false;
}

/** Ways to serve nobody, from the first packet of a connection on. */
const USELESS: [how: string, onConnection: (connection: PeerConnection) => void][] = [
  ["hangs up on each connection", ({ socket }) => void setImmediate(() => socket.destroy())],
  ["says GOAWAY on each connection", (connection) => connection.goaway(0)],
  ["says GOAWAY with an error on each connection", (connection) => connection.goaway(0, 11)],
  [
    "warns of a GOAWAY on each connection, and hangs up",
    (connection) => {
      connection.goaway(MAX_STREAM);
      setImmediate(() => connection.socket.destroy());
    },
  ],
];

/** Of the gaps between failing connections, those shorter than the backoff: 100 ms, 200, 400, …, each less up to a half. */
function tooShort(gaps: readonly number[]): number[] {
  return gaps.filter((gap, index) => gap < 50 * 2 ** index);
}

/** What a pool of any implementation's sessions must do when its peer comes and goes: it costs connections, and few of them. */
export function runSessionPoolFailureContract(name: string, open: OpenContractSession): void {
  describe(`a pool of ${name} whose peer fails`, () => {
    const { poolTo } = makePoolHarness(open);

    test.each(VANISH)(
      "a peer that %s with five thousand requests waiting costs a reconnect, and each request is settled once",
      async (_how, vanish) => {
        const gone = new Set<PeerConnection>();
        const { peer, pool, sendMany, settlements } = await poolTo(
          {
            settings,
            onRequest(connection, stream) {
              if (gone.has(connection)) return;
              if (gone.size < 3 && connection.requests.length === STREAMS / 2) {
                gone.add(connection);
                vanish(connection);
              } else if (gone.size === 3) connection.answer(stream);
            },
          },
          { maxSessions: 1, session: QUICK_PING },
        );
        const { answered = 0, unknown = 0, ...others } = await countKinds(sendMany(WAITING));
        expect(others).toEqual({});
        expect(answered + unknown).toBe(WAITING);
        // Those that were on their way, at most.
        expect(unknown).toBeLessThanOrEqual(3 * STREAMS);
        expect(unknown).toBeGreaterThanOrEqual((3 * STREAMS) / 2);
        expect(new Set(settlements)).toEqual(new Set([1]));
        expect(peer.connections).toHaveLength(4);
        expect(pool.stats()).toMatchObject({ sessions: 1, pending: 0, waiting: 0 });
      },
    );

    test.each(USELESS)("a peer that %s is asked ever less often, and no session of it is kept", async (_how, serve) => {
      let mended = false;
      const { peer, pool, sendMany, settlements } = await poolTo(
        {
          settings,
          onConnection: (connection) => mended || serve(connection),
          onRequest: (connection, stream) => mended && connection.answer(stream),
        },
        { maxSessions: 1, maxWaitMs: patient(60_000) },
      );
      const replies = sendMany(WAITING);
      await until((see) => see(peer.connections.length) >= 5);
      expect(tooShort(gapsBetween(peer.connections).slice(1))).toEqual([]);
      await until((see) => see(pool.stats().sessions) === 0);
      mended = true;
      // What the connections took with them is told so; all that waited is answered.
      const { answered = 0 } = await countKinds(replies);
      expect(answered).toBeGreaterThanOrEqual(WAITING - peer.connections.length * STREAMS);
      expect(new Set(settlements)).toEqual(new Set([1]));
    });

    test("connections that fail beside one that works are tried ever less often too", async () => {
      const { peer, pool, send, sendMany } = await poolTo({
        settings: { [Setting.MAX_CONCURRENT_STREAMS]: 1 },
        onConnection: (connection) => connection === peer.connections[0] || connection.goaway(0),
        onRequest: (connection, stream) => setTimeout(() => connection.answer(stream), 5),
      });
      await send();
      expect(await countKinds(sendMany(400))).toEqual({ answered: 400 });
      expect(peer.connections.length).toBeGreaterThan(4);
      // Before the first of them fails the others are on their way.
      expect(tooShort(gapsBetween(peer.connections).slice(3))).toEqual([]);
      await until((see) => see(pool.stats().sessions) === 1);
    });

    test("connections whose first answer is that they are of no use are tried ever less often", async () => {
      const { peer, sendMany } = await poolTo(
        {
          settings: { [Setting.MAX_CONCURRENT_STREAMS]: 1 },
          onRequest: (connection, stream) => connection.answer(stream, 429),
        },
        { maxSessions: 1, retireAfter: (reply) => reply.kind === "answered" && reply.status === 429 },
      );
      expect(await countKinds(sendMany(5))).toEqual({ answered: 5 });
      expect(tooShort(gapsBetween(peer.connections).slice(1))).toEqual([]);
    });

    test("a session that answers PINGs and no request is replaced after the first that it lets time out", async () => {
      const { peer, send } = await poolTo(
        { onRequest: (connection, stream) => connection === peer.connections[0] || connection.answer(stream) },
        { maxSessions: 1, session: { requestTimeoutMs: 600 } },
      );
      expect(await send()).toEqual({ kind: "unknown", code: "TIMEOUT" });
      expect(await send()).toMatchObject({ kind: "answered" });
      expect(peer.connections).toHaveLength(2);
    });

    test("a session that never takes a request is replaced when one has waited for too long", async () => {
      const { peer, send } = await poolTo(
        {
          settings: { [Setting.MAX_CONCURRENT_STREAMS]: 0 },
          onConnection: (connection) =>
            connection === peer.connections[0] || connection.settings({ [Setting.MAX_CONCURRENT_STREAMS]: 1 }),
          onRequest: (connection, stream) => connection.answer(stream),
        },
        { maxSessions: 1, maxWaitMs: 500 },
      );
      expect(await send()).toEqual({ kind: "not-processed", code: "NO_FREE_STREAM" });
      expect(await send()).toMatchObject({ kind: "answered" });
    });

    test("sessions that end what they have are bounded too, however often the peer says GOAWAY", async () => {
      const { peer, pool, sendMany } = await poolTo(
        {
          onRequest(connection, stream) {
            // Each answers one request, and keeps another one.
            if (connection.requests.length === 1) connection.answer(stream);
            else connection.goaway(MAX_STREAM);
          },
          settings: { [Setting.MAX_CONCURRENT_STREAMS]: 2 },
        },
        { maxSessions: 1, session: { requestTimeoutMs: 1_500, drainTimeoutMs: 1_500 } },
      );
      const replies = sendMany(16);
      let most = 0;
      await until((see) => {
        most = Math.max(most, pool.stats().sessions);
        return see(peer.connections.length) >= 6;
      });
      expect(most).toBeLessThanOrEqual(4);
      await Promise.all(replies);
    });

    test("a session that is to end is gone within its time, whatever its peer goes on to say", async () => {
      const { peer, pool, send } = await poolTo(
        {},
        { session: { requestTimeoutMs: patient(60_000), drainTimeoutMs: 600 } },
      );
      const first = send();
      await until(() => peer.connections[0]?.requests.length === 1);
      const [connection] = peer.connections;
      const talking = setInterval(() => connection?.write(frame(FrameType.PING, 0, 0, Buffer.alloc(8))), 50);
      connection?.goaway(MAX_STREAM);
      expect(await first).toMatchObject({ kind: "unknown" });
      await until((see) => see(pool.stats().sessions) === 0);
      clearInterval(talking);
    });

    test("thousands that the session settles at once hold up nobody behind them", async () => {
      const { sendMany, send, settlements } = await poolTo(
        { settings, onRequest: (connection, stream) => connection.answer(stream) },
        { maxSessions: 1 },
      );
      const illegal = Array.from({ length: WAITING }, () => send({ headers: { connection: "close" } }));
      const legal = sendMany(10);
      expect(await countKinds(illegal)).toEqual({ illegal: WAITING });
      expect(await countKinds(legal)).toEqual({ answered: 10 });
      expect(new Set(settlements)).toEqual(new Set([1]));
    });

    test("thousands that are answered at once, each followed by another, are answered one by one", async () => {
      const limit = { [Setting.MAX_CONCURRENT_STREAMS]: 1 };
      const { pool, settlements, send } = await poolTo(
        { settings: limit, onRequest: (connection, stream) => connection.answer(stream) },
        { maxSessions: 1 },
      );
      let answered = 0;
      const sender = async () => {
        while (settlements.length < WAITING) if ((await send()).kind === "answered") answered++;
      };
      await Promise.all(Array.from({ length: 1_000 }, sender));
      expect(answered).toBe(settlements.length);
      expect(new Set(settlements)).toEqual(new Set([1]));
      expect(pool.stats()).toMatchObject({ pending: 0, waiting: 0 });
    });

    test("a peer that answers in the packet in which it vanishes has answered", async () => {
      const { sendMany } = await poolTo(
        {
          settings,
          onRequest(connection, stream) {
            if (connection.requests.length <= 10) connection.answer(stream);
            if (connection.requests.length === 10) connection.socket.end();
          },
        },
        { maxSessions: 1 },
      );
      const { answered = 0, unknown = 0, ...others } = await countKinds(sendMany(WAITING / 10));
      expect(others).toEqual({});
      expect(answered).toBeGreaterThanOrEqual(10);
      expect(answered + unknown).toBe(WAITING / 10);
    });

    test("what is not wanted any more while it waits is let go at once, though nothing moves", async () => {
      const limit = { [Setting.MAX_CONCURRENT_STREAMS]: 1 };
      const { peer, send } = await poolTo({ settings: limit }, { maxSessions: 1 });
      let wanted = true;
      const first = send();
      await until(() => peer.connections[0]?.requests.length === 1);
      const waiting = Array.from({ length: 100 }, () => send({ isWanted: () => wanted }));
      const startedAt = performance.now();
      wanted = false;
      expect(await countKinds(waiting)).toEqual({ "not-processed": 100 });
      expect(performance.now() - startedAt).toBeLessThan(patient(1_000));
      peer.connections[0]?.answer(1);
      expect(await first).toMatchObject({ kind: "answered" });
      expect(peer.connections[0]?.requests).toHaveLength(1);
    });

    test("answers whose streams stay open take no stream for longer than a request may take", async () => {
      const { send } = await poolTo(
        {
          settings: { [Setting.MAX_CONCURRENT_STREAMS]: 1 },
          onRequest: (connection, stream) =>
            connection.write(
              frame(FrameType.HEADERS, FrameFlag.END_HEADERS, stream, headerBlock([[":status", "200"]])),
            ),
        },
        { maxSessions: 1, session: { requestTimeoutMs: 300 } },
      );
      expect(await countKinds([send(), send(), send()])).toEqual({ answered: 3 });
    });
  });
}
