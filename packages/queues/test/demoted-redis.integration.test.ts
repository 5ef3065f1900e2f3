import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import {
  type Consumer,
  connectQueues,
  consume,
  createProducer,
  type JobOf,
  type Producer,
  type QueueConnection,
  queueKind,
} from "@fanfare/queues";
import { hasRedis, patient, queueNamespace, startTcpProxy, type TcpProxy, until } from "@fanfare/testkit";
import { type RedisServer, startRedis } from "./start-redis.js";

/** How long the former master is asked in vain. */
const REFUSED_MS = 3_000;

if (hasRedis())
  describe("a Redis that becomes a replica and keeps its connections", () => {
    let servers: RedisServer[];
    let proxy: TcpProxy;
    let connection: QueueConnection;
    let producer: Producer;
    let consumer: Consumer;
    let errors: Error[];
    let taken: Set<string>;
    let work: () => Promise<void>;

    beforeEach(async () => {
      servers = await Promise.all([startRedis(), startRedis()]);
      const [master, replica] = servers as [RedisServer, RedisServer];
      await replica.admin.replicaof("127.0.0.1", master.port);
      await until(async () => (await replica.admin.info("replication")).includes("master_link_status:up"));
      proxy = await startTcpProxy();
      errors = [];
      taken = new Set();
      work = async () => undefined;
      const onError = (error: Error) => void errors.push(error);
      connection = connectQueues({
        databaseUrl: "postgres://nobody@127.0.0.1:1/none",
        redis: { url: proxy.before(master.url) },
        namespace: queueNamespace(),
        onError,
      });
      producer = createProducer(connection, "fanout", { jobsMax: 2_000 });
      const handler = async ({ batchIds }: JobOf<"fanout">) => {
        for (const id of batchIds) taken.add(id);
        await work();
      };
      consumer = consume(connection, "fanout", handler, {
        ...{ concurrency: 2, onError, onBroken: (error: unknown) => errors.push(error as Error) },
      });
      await goesThrough();
      await connection.usable();
    });
    afterEach(async () => {
      await consumer.stop();
      await producer.close();
      await connection.close();
      proxy.end();
      await Promise.all(servers.map((server) => server.end()));
    });

    async function goesThrough(): Promise<void> {
      const batchId = randomUUID();
      await until(() =>
        producer.add({ batchId, recipients: 1, depth: 1 }).then(
          () => true,
          () => false,
        ),
      );
      await until(() => taken.has(batchId));
    }

    const switchOver = async () => {
      const [master, replica] = servers as [RedisServer, RedisServer];
      await replica.admin.replicaof("NO", "ONE");
      await master.admin.replicaof("127.0.0.1", replica.port);
    };

    test("whoever writes and whoever waits for jobs go on at the new master, without a restart", async () => {
      expect(errors).toEqual([]);
      await switchOver();
      proxy.pointTo((servers[1] as RedisServer).port);
      const switchedAt = performance.now();
      await goesThrough();
      const ms = Math.round(performance.now() - switchedAt);
      process.stdout.write(`Work went on ${ms} ms after the switch, with ${errors.length} errors.\n`);
      expect(ms).toBeLessThan(patient(5_000));
      expect(errors.length).toBeLessThan(10);
      await connection.ping();
    });

    test("many jobs that are added at once lead to the new master too", async () => {
      await consumer.stop();
      await switchOver();
      proxy.pointTo((servers[1] as RedisServer).port);
      const add = (_: unknown, index: number) =>
        producer.add({ batchId: randomUUID(), recipients: 500, depth: 1 + 500 * index });
      const addMany = () =>
        Promise.all(Array.from({ length: 20 }, add)).then(
          () => true,
          () => false,
        );
      await until(addMany);
    });

    test("as long as no other is master it is not ready, is asked about once a second, and is told of as one kind", async () => {
      const [master] = servers as [RedisServer, RedisServer];
      // With jobs at hand a worker does not wait for any.
      work = () => setTimeout(30);
      const add = () => producer.add({ batchId: randomUUID(), recipients: 500, depth: 1 });
      await Promise.all(Array.from({ length: 300 }, add));
      await switchOver();
      const commands = async () => Number(/total_commands_processed:(\d+)/.exec(await master.admin.info("stats"))?.[1]);
      const connections = async () =>
        Number(/total_connections_received:(\d+)/.exec(await master.admin.info("stats"))?.[1]);
      await until(() =>
        connection.ping().then(
          () => false,
          (error) => queueKind(error) === "read-only",
        ),
      );
      const before = [await commands(), await connections()] as const;
      errors.length = 0;
      await setTimeout(REFUSED_MS);
      const [asked, connected] = [(await commands()) - before[0], (await connections()) - before[1]];
      process.stdout.write(
        `In ${REFUSED_MS} ms: ${asked} commands, ${connected} connections, ${errors.length} errors.\n`,
      );
      await expect(connection.ping()).rejects.toThrow("READONLY");
      expect(connected).toBeLessThan(5 * (REFUSED_MS / 1_000));
      expect(errors.length).toBeLessThan(5 * (REFUSED_MS / 1_000));
      // Jobs that were in hand are finished where their like is gone.
      const others = errors.filter(({ message }) => !/^Missing (key|lock) for job \d+\. moveToFinished$/.test(message));
      expect(others.filter((error) => queueKind(error) !== "read-only")).toEqual([]);
      proxy.pointTo((servers[1] as RedisServer).port);
      await goesThrough();
    });
  });
