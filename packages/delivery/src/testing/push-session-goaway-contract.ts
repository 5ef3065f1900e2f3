import { patient, until } from "@fanfare/testkit";
import { MAX_STREAM } from "./frame-peer.js";
import type { OpenContractSession } from "./push-session-contract.js";
import { makeWireHarness, QUICK_PING } from "./wire-harness.js";

/** What any implementation of `PushSession` must do when its peer says that it goes (RFC 9113, section 6.8). */
export function runPushSessionGoawayContract(name: string, open: OpenContractSession): void {
  describe(`${name} told to go away`, () => {
    const { connect, send, sendMany, sendCounted, kinds } = makeWireHarness(open);

    test("GOAWAY in a burst: streams above its last id may be sent again at once, those below get their answers", async () => {
      const { session, connection } = await connect({});
      const replies = sendMany(session, 10);
      await until(() => connection.requests.length === 10);
      const [last = 0] = connection.requests.slice(4);
      connection.goaway(last);
      expect(await kinds(replies.slice(5))).toEqual(Array(5).fill("not-processed"));
      expect(session.state).toBe("draining");
      for (const stream of connection.requests.slice(0, 5)) connection.answer(stream);
      expect(await kinds(replies.slice(0, 5))).toEqual(Array(5).fill("answered"));
    });

    test("GOAWAY again: first a warning, then a last id, then a smaller one", async () => {
      const { session, connection } = await connect({});
      const replies = sendMany(session, 6);
      await until(() => connection.requests.length === 6);
      const [first = 0, , third = 0] = connection.requests;
      connection.goaway(MAX_STREAM);
      await until(() => session.state === "draining");
      expect(session.pending).toBe(6);
      connection.goaway(third);
      expect(await kinds(replies.slice(3))).toEqual(Array(3).fill("not-processed"));
      connection.goaway(first);
      expect(await kinds(replies.slice(1, 3))).toEqual(Array(2).fill("not-processed"));
      connection.answer(first);
      expect(await kinds(replies.slice(0, 1))).toEqual(["answered"]);
    });

    test("GOAWAY with an error: its owner is told the code and the reason, what was below is not known", async () => {
      const { session, connection, goaways } = await connect({});
      const replies = sendMany(session, 2);
      await until(() => connection.requests.length === 2);
      connection.goaway(connection.requests[0] ?? 0, 2, '{"reason":"BadCertificateEnvironment"}');
      expect(await kinds(replies)).toEqual(["unknown", "not-processed"]);
      expect(goaways).toEqual([{ errorCode: 2, reason: "BadCertificateEnvironment" }]);
      await until(() => session.state === "closed");
    });

    test("GOAWAY again with a larger last id, which no peer may say: what was given up stays given up, once", async () => {
      const { session, connection } = await connect({}, QUICK_PING);
      const settled = sendCounted(session, 3);
      await until(() => connection.requests.length === 3);
      connection.goaway(connection.requests[0] ?? 0);
      connection.goaway(MAX_STREAM);
      connection.answersPings = false;
      await until(() => session.state === "closed");
      expect(settled).toEqual([["unknown"], ["not-processed"], ["not-processed"]]);
    });

    test("GOAWAY with a reason and without an error: its owner is told, and what is owed is answered", async () => {
      const { session, connection, goaways } = await connect({});
      const reply = send(session);
      await until(() => connection.requests.length === 1);
      connection.goaway(connection.requests[0] ?? 0, 0, '{"reason":"Shutdown"}');
      connection.goaway(connection.requests[0] ?? 0, 0, "not JSON");
      await until(() => goaways.length === 2);
      expect(goaways).toEqual([
        { errorCode: 0, reason: "Shutdown" },
        { errorCode: 0, reason: undefined },
      ]);
      connection.answer(connection.requests[0] ?? 0);
      expect(await reply).toMatchObject({ kind: "answered" });
    });

    test("GOAWAY together with the answers that are owed: they count", async () => {
      const { session, connection } = await connect({});
      const replies = sendMany(session, 3);
      await until(() => connection.requests.length === 3);
      connection.socket.cork();
      for (const stream of connection.requests) connection.answer(stream);
      connection.goaway(connection.requests[2] ?? 0, 2, '{"reason":"InternalServerError"}');
      connection.socket.uncork();
      expect(await kinds(replies)).toEqual(["answered", "answered", "answered"]);
      await until(() => session.state === "closed");
    });

    test.each([0, 2])(
      "GOAWAY in one packet with the first SETTINGS, code %d: the session takes nothing",
      async (code) => {
        const { session, goaways } = await connect({
          onConnection: (peer) => peer.goaway(0, code, '{"reason":"BadKey"}'),
        });
        await until(() => goaways.length > 0);
        expect(goaways).toEqual([{ errorCode: code, reason: "BadKey" }]);
        expect(session.freeStreams).toBe(0);
        expect(await send(session)).toMatchObject({ kind: "not-processed" });
        await until(() => session.state === "closed");
      },
    );

    test("after GOAWAY a session ends by itself with the last answer that is owed", async () => {
      const { session, connection } = await connect({});
      const reply = send(session);
      await until(() => connection.requests.length === 1);
      connection.goaway(MAX_STREAM);
      await until(() => session.state === "draining");
      connection.answer(connection.requests[0] ?? 0);
      expect(await reply).toMatchObject({ kind: "answered" });
      await until(() => session.state === "closed");
    });

    test("after GOAWAY the answers that never come are unknown at their deadline, and the session ends", async () => {
      const { session, connection } = await connect({}, { requestTimeoutMs: patient(1_000) });
      const replies = sendMany(session, 3);
      await until(() => connection.requests.length === 3);
      connection.goaway(connection.requests[1] ?? 0);
      expect(await kinds(replies)).toEqual(["unknown", "unknown", "not-processed"]);
      await until(() => session.state === "closed");
    });
  });
}
