import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { setTimeout } from "node:timers/promises";
import { connectQueues, type QueueConnection } from "@fanfare/queues";
import { queueBackends, queueNamespace } from "@fanfare/testkit";

/** Longer than the longest pause between two tries to connect. */
const LOOK_MS = 3_000;

describe.each(queueBackends())("a queue's server that refuses all connections ($name)", ({ redisUrl }) => {
  let server: Server;
  let connection: QueueConnection;
  let tries = 0;
  let errors = 0;

  beforeEach(async () => {
    server = createServer((socket) => {
      tries++;
      socket.resetAndDestroy();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    connection = connectQueues({
      databaseUrl: `postgres://nobody@${host}/none`,
      redis: redisUrl ? { url: `redis://${host}` } : undefined,
      namespace: queueNamespace(),
      onError: () => void errors++,
    });
  });
  afterEach(async () => {
    await connection.close();
    server.close();
  });

  const look = async () => {
    const before = { tries, errors };
    await setTimeout(LOOK_MS);
    return { tries: tries - before.tries, errors: errors - before.errors };
  };

  test("however often it is asked, it is connected to and told of no more often", async () => {
    const ask = () => expect(connection.counts("fanout")).rejects.toThrow();
    await ask();
    const first = await look();
    expect(first.tries).toBeGreaterThan(0);
    for (let asked = 0; asked < 3; asked++) await ask();
    const later = await look();
    expect(later.tries).toBeLessThan(1.5 * first.tries);
    expect(later.errors / later.tries).toBeLessThan(1.5 * Math.max(1, first.errors / first.tries));
  });
});
