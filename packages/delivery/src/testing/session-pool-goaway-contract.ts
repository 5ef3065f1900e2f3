import { patient, until } from "@fanfare/testkit";
import type { PushReply } from "../push-session.js";
import { MAX_STREAM } from "./frame-peer.js";
import { Setting } from "./frames.js";
import { makePoolHarness } from "./pool-harness.js";
import type { OpenContractSession } from "./push-session-contract.js";

/** RFC 9113, section 7. */
const REFUSED_STREAM = 7;

/**
 * What a pool of any implementation's sessions must do when its peer says that it goes, or refuses streams. Each of the GOAWAYs
 * that it goes through costs a handshake, some 10 ms.
 */
export function runSessionPoolGoawayContract(name: string, open: OpenContractSession, maxGoaways: number): void {
  describe(`a pool of ${name} told to go away`, () => {
    const { poolTo } = makePoolHarness(open);

    test(`${maxGoaways} GOAWAYs: every request is answered, once`, async () => {
      let goaways = 0;
      const { peer, send, settlements } = await poolTo({
        onRequest(connection, stream) {
          // Each connection says GOAWAY at its fifth request, and answers what came until then.
          if (connection.requests.length === 5 && goaways < maxGoaways) {
            goaways++;
            connection.goaway(stream);
          }
          if (connection.requests.length <= 5 || goaways >= maxGoaways) connection.answer(stream);
        },
      });
      const wrong: PushReply[] = [];
      const sender = async () => {
        while (goaways < maxGoaways) {
          const reply = await send();
          if (reply.kind !== "answered") wrong.push(reply);
        }
      };
      await Promise.all(Array.from({ length: 10 }, sender));
      expect(wrong).toEqual([]);
      expect(goaways).toBe(maxGoaways);
      expect(settlements.length).toBeGreaterThanOrEqual(5 * maxGoaways);
      expect(new Set(settlements)).toEqual(new Set([1]));
      expect(peer.connections.length).toBeGreaterThanOrEqual(maxGoaways);
    });

    test("after GOAWAY the very next request is answered on a new connection", async () => {
      const { peer, send } = await poolTo({ onRequest: (connection, stream) => connection.answer(stream) });
      expect(await send()).toMatchObject({ kind: "answered" });
      peer.connections[0]?.goaway(1);
      expect(await send()).toMatchObject({ kind: "answered" });
      expect(peer.connections).toHaveLength(2);
    });

    test("the first push after a long idle is answered though the peer went without a word", async () => {
      const { pool, peer, send } = await poolTo(
        { onRequest: (connection, stream) => connection.answersPings && connection.answer(stream) },
        { session: { pingIdleMs: 300, pingTimeoutMs: patient(500) } },
      );
      expect(await send()).toMatchObject({ kind: "answered" });
      const [idle] = peer.connections;
      if (idle) idle.answersPings = false;
      await until(() => pool.stats().sessions === 0);
      expect(await send()).toMatchObject({ kind: "answered" });
      expect(peer.connections).toHaveLength(2);
    });

    test("streams that a peer refuses are sent again, and no attempt is lost", async () => {
      const refused = new Set<number>();
      const { sendMany } = await poolTo({
        onRequest(connection, stream) {
          if (refused.size < 20 && stream % 3 === 0) {
            refused.add(stream);
            connection.reset(stream, 7);
          } else {
            connection.answer(stream);
          }
        },
      });
      const replies = await Promise.all(sendMany(200));
      expect(replies.every(({ kind }) => kind === "answered")).toBe(true);
      expect(refused.size).toBeGreaterThan(5);
    });

    test("streams above GOAWAY's last id are sent again, those below wait for their answers", async () => {
      const { peer, send, sendMany } = await poolTo({
        onRequest: (connection, stream) => connection !== peer.connections[0] && connection.answer(stream),
      });
      const replies = sendMany(4);
      await until(() => peer.connections[0]?.requests.length === 4);
      const [held] = peer.connections;
      const [first = 0, second = 0] = held?.requests ?? [];
      held?.goaway(second);
      expect((await Promise.all(replies.slice(2))).map(({ kind }) => kind)).toEqual(["answered", "answered"]);
      expect(peer.connections[1]?.requests).toHaveLength(2);
      let early = 0;
      for (const reply of replies.slice(0, 2)) void reply.then(() => early++);
      await send();
      expect(early).toBe(0);
      held?.answer(first);
      held?.answer(second);
      expect((await Promise.all(replies)).map(({ kind }) => kind)).toEqual(Array(4).fill("answered"));
    });

    test.each([true, false])(
      "a session that refuses every stream is left, whether it said GOAWAY (%s) or not",
      async (says) => {
        const { peer, send } = await poolTo({
          onRequest(connection, stream) {
            if (connection !== peer.connections[0]) return connection.answer(stream);
            if (says && connection.requests.length === 1) connection.goaway(MAX_STREAM);
            connection.reset(stream, REFUSED_STREAM);
          },
        });
        await until(async () => (await send()).kind === "answered");
        expect(await send()).toMatchObject({ kind: "answered" });
        expect(peer.connections).toHaveLength(2);
      },
    );

    test.each([0, 1, 100])(
      "every send is settled within its deadline, though the peer takes %d at once and answers none",
      async (most) => {
        const settings = { [Setting.MAX_CONCURRENT_STREAMS]: most };
        const { sendMany, settlements } = await poolTo(
          { settings },
          { session: { requestTimeoutMs: 300 }, maxWaitMs: 200 },
        );
        const startedAt = performance.now();
        const replies = await Promise.all(sendMany(50));
        expect(performance.now() - startedAt).toBeLessThan(patient(3_000));
        expect(replies.map(({ kind }) => kind)).not.toContain("answered");
        expect(settlements).toEqual(Array(50).fill(1));
      },
    );
  });
}
