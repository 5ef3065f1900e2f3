import { until } from "@fanfare/testkit";
import type { OpenContractSession } from "./push-session-contract.js";
import { makeWireHarness, QUICK_PING } from "./wire-harness.js";

/** What any implementation of `PushSession` must tell of its end. */
export function runPushSessionEndContract(name: string, open: OpenContractSession): void {
  describe(`${name} at its end`, () => {
    const { connect, sendMany } = makeWireHarness(open);

    async function connectWithTwo(options = {}) {
      const connected = await connect({}, options);
      sendMany(connected.session, 2);
      await until(() => connected.connection.requests.length === 2);
      return connected;
    }

    test("closed by its owner it ends in order", async () => {
      const { session, ends } = await connect({});
      await session.close();
      expect(ends).toEqual([{ reason: "DRAINED", inFlight: 0 }]);
    });

    test("told to go away without an error it ends in order, with the last answer", async () => {
      const { session, connection, ends } = await connectWithTwo();
      connection.goaway(connection.requests[1] ?? 0);
      await until(() => session.state === "draining");
      for (const stream of connection.requests) connection.answer(stream);
      await until(() => session.state === "closed");
      expect(ends).toEqual([{ reason: "DRAINED", inFlight: 0 }]);
    });

    test("told to go away with an error its end has the error, once", async () => {
      const { session, connection, ends } = await connect({});
      connection.goaway(0, 2);
      await until(() => session.state === "closed");
      expect(ends).toEqual([{ reason: "INTERNAL_ERROR", inFlight: 0 }]);
    });

    test("a peer that hangs up leaves its requests without an answer: they are counted", async () => {
      const { session, connection, ends } = await connectWithTwo();
      connection.socket.destroy();
      await until(() => session.state === "closed");
      expect(ends).toEqual([{ reason: expect.stringMatching(/^(CONNECTION_CLOSED|ECONNRESET)$/), inFlight: 2 }]);
    });

    test("a peer that answers no PING has its end say so", async () => {
      const { session, connection, ends } = await connectWithTwo(QUICK_PING);
      connection.answersPings = false;
      await until(() => session.state === "closed");
      expect(ends).toEqual([{ reason: "PING_TIMEOUT", inFlight: 2 }]);
    });

    test("answers that are owed and do not come have its end say so", async () => {
      const { session, ends } = await connectWithTwo({ drainTimeoutMs: 300 });
      await session.close();
      expect(ends).toEqual([{ reason: "DRAIN_TIMEOUT", inFlight: 2 }]);
    });
  });
}
