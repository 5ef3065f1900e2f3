import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { connectQueues } from "@fanfare/queues";
import { queueBackends, queueNamespace } from "@fanfare/testkit";

/** Longer than the longest pause between two tries to connect. */
const LOOK_MS = 3_000;

// Both wait, each before a server of its own: side by side.
describe("a queue's server that refuses all connections", () => {
  test.concurrent.each(queueBackends())(
    "however often it is asked, it is connected to and told of no more often ($name)",
    async ({ redisUrl }) => {
      let tries = 0;
      let errors = 0;
      const server = createServer((socket) => {
        tries++;
        socket.resetAndDestroy();
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const connection = connectQueues({
        databaseUrl: `postgres://nobody@${host}/none`,
        redis: redisUrl ? { url: `redis://${host}` } : undefined,
        namespace: queueNamespace(),
        onError: () => void errors++,
      });
      const look = async () => {
        const before = { tries, errors };
        await setTimeout(LOOK_MS);
        return { tries: tries - before.tries, errors: errors - before.errors };
      };
      const ask = () => expect(connection.counts("fanout")).rejects.toThrow();
      try {
        await ask();
        const first = await look();
        expect(first.tries).toBeGreaterThan(0);
        for (let asked = 0; asked < 3; asked++) await ask();
        const later = await look();
        expect(later.tries).toBeLessThan(1.5 * first.tries);
        expect(later.errors / later.tries).toBeLessThan(1.5 * Math.max(1, first.errors / first.tries));
      } finally {
        await connection.close();
        server.close();
      }
    },
  );
});
