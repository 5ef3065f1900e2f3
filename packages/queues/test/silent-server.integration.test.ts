import { randomUUID } from "node:crypto";
import { connectQueues, consume, createProducer, type QueueConnection } from "@fanfare/queues";
import {
  createTestDatabase,
  patient,
  queueBackends,
  queueNamespace,
  startTcpProxy,
  type TcpProxy,
  until,
} from "@fanfare/testkit";

const JOBS_MAX = 2_000;

const onBroken = (error: unknown) => {
  throw error;
};

/** Longer than ioredis remembers what it asked while it connects: its fourth connection. */
const LONG_MS = 21_000;

/** A server that took connections and says nothing from then on, and a connection of queues to it. */
interface Silent {
  proxy: TcpProxy;
  connection: QueueConnection;
  databaseUrl: string;
}

describe.each(queueBackends())(
  "a server of the queue that takes connections and says nothing ($name)",
  ({ redisUrl }) => {
    // Each has a link and a connection of its own: they wait side by side.
    const behindSilence = (run: (silent: Silent) => Promise<void>) => async () => {
      const database = await createTestDatabase();
      const proxy = await startTcpProxy();
      const url = proxy.before(redisUrl ?? database.url);
      const connection = connectQueues({
        databaseUrl: redisUrl ? database.url : url,
        redis: redisUrl ? { url } : undefined,
        namespace: queueNamespace(),
        onError: () => undefined,
      });
      try {
        await connection.mark("fanout");
        proxy.set({ kind: "stall" });
        await run({ proxy, connection, databaseUrl: database.url });
      } finally {
        await connection.close();
        proxy.end();
        await database.drop();
      }
    };

    test.concurrent(
      "whoever enqueues is told soon, however much waits",
      behindSilence(async ({ connection }) => {
        const producer = createProducer(connection, "fanout", { jobsMax: JOBS_MAX });
        const beganAt = performance.now();
        const add = () => producer.add({ batchId: randomUUID(), recipients: 500, depth: 1 });
        const results = await Promise.allSettled(Array.from({ length: 2_000 }, add));
        expect(new Set(results.map(({ status }) => status))).toEqual(new Set(["rejected"]));
        await producer.close();
        expect(performance.now() - beganAt).toBeLessThan(patient(8_000));
      }),
    );

    test.concurrent(
      "questions are given up in time, and answered again when it goes on",
      behindSilence(async ({ proxy, connection }) => {
        const asked = [connection.isMarked("fanout"), connection.counts("fanout"), connection.mark("fanout")];
        const results = await Promise.allSettled(asked);
        expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
        proxy.set({ kind: "pass" });
        await until(() => connection.isMarked("fanout"));
      }),
    );

    if (redisUrl) {
      test.concurrent(
        "whoever began while it said nothing, for long, is answered when it goes on",
        behindSilence(async ({ proxy, databaseUrl }) => {
          const begun = connectQueues({
            databaseUrl,
            redis: { url: proxy.before(redisUrl) },
            namespace: queueNamespace(),
            onError: () => undefined,
          });
          const goesOnAt = performance.now() + LONG_MS;
          while (performance.now() < goesOnAt) await expect(begun.counts("fanout")).rejects.toThrow();
          proxy.set({ kind: "pass" });
          await until(() => begun.counts("fanout").catch(() => undefined));
          await begun.close();
        }),
      );

      test.concurrent(
        "a consumer whose connection is lost while it begins says that it never will",
        behindSilence(async ({ proxy, connection }) => {
          const broken: unknown[] = [];
          const consumer = consume(connection, "fanout", async () => undefined, {
            concurrency: 1,
            onError: () => undefined,
            onBroken: (error) => broken.push(error),
          });
          expect(broken).toEqual([]);
          proxy.set({ kind: "cut" });
          await until(() => broken.length > 0);
          proxy.set({ kind: "pass" });
          await consumer.stop();
          expect(broken).toEqual([expect.objectContaining({ message: "Connection is closed." })]);
        }),
      );
    }

    test.concurrent(
      "a consumer takes jobs when it goes on",
      behindSilence(async ({ proxy, connection }) => {
        const taken: string[] = [];
        proxy.set({ kind: "pass" });
        const consumer = consume(connection, "fanout", async ({ batchIds }) => void taken.push(...batchIds), {
          concurrency: 1,
          onError: () => undefined,
          onBroken,
        });
        const producer = createProducer(connection, "fanout", { jobsMax: JOBS_MAX });
        const [before, after] = [randomUUID(), randomUUID()];
        await producer.add({ batchId: before, recipients: 1, depth: 1 });
        await until(() => taken.includes(before));
        proxy.set({ kind: "stall" });
        await expect(producer.add({ batchId: randomUUID(), recipients: 1, depth: 1 })).rejects.toThrow("did not take");
        proxy.set({ kind: "pass" });
        await until(() => producer.add({ batchId: after, recipients: 1, depth: 1 }).then(() => true));
        await until(() => taken.includes(after));
        await consumer.stop();
      }),
    );
  },
);
