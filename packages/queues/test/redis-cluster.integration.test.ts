import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  boardQueues,
  connectQueues,
  consume,
  createProducer,
  type Producer,
  type QueueConnection,
  queueKind,
  redisPlace,
} from "@fanfare/queues";
import { hasRedis, patient, until } from "@fanfare/testkit";
import { type RedisCluster, startRedisCluster } from "./start-redis-cluster.js";

/** The line of the operator's guide for a cluster, as words. */
const guide = readFileSync(join(import.meta.dirname, "../../../docs/operations.md"), "utf8");
const ALLOWED = (/^ACL SETUSER (fanfare .* ~\{fanfare\}:\* .*)$/m.exec(guide)?.[1] ?? "").split(" ");

if (hasRedis())
  describe("queues on a Redis Cluster", () => {
    let cluster: RedisCluster;
    let connection: QueueConnection;
    let producer: Producer;
    let nodes: string;
    const taken = new Set<string>();
    const errors: Error[] = [];
    const stops: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      cluster = await startRedisCluster("{fanfare}");
      await changeUser(...ALLOWED);
      const [first, ...others] = cluster.nodes;
      nodes = [`redis://fanfare:password@${first}`, ...others].join(", ");
      connection = connect((error) => errors.push(error));
      producer = createProducer(connection, "fanout", { jobsMax: 2_000 });
    });
    const changeUser = async (...words: string[]) => {
      for (const { admin } of cluster.servers) await admin.call("ACL", "SETUSER", ...words);
    };

    afterEach(async () => {
      await Promise.all(stops.splice(0).map((stop) => stop()));
      errors.length = 0;
    });
    afterAll(async () => {
      await producer.close();
      await connection.close();
      await cluster.end();
    });

    const connect = (onError: (error: Error) => void) =>
      connectQueues({
        databaseUrl: "postgres://nobody@127.0.0.1:1/none",
        redis: redisPlace({ REDIS_CLUSTER_NODES: nodes }),
        onError,
      });

    const addAll = (recipients: number, count: number) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const batchId = randomUUID();
          await producer.add({ batchId, recipients, depth: 1 });
          return batchId;
        }),
      );

    function collect(): void {
      const consumer = consume(
        connection,
        "fanout",
        async ({ batchIds }) => batchIds.forEach((id) => void taken.add(id)),
        {
          concurrency: 2,
          onError: (error) => errors.push(error),
          onBroken: (error) => errors.push(error as Error),
        },
      );
      stops.push(consumer.stop);
    }

    test("what is added is counted, shown by Bull Board, and worked on", async () => {
      await connection.usable();
      await connection.mark("fanout");
      expect(await connection.isMarked("fanout")).toBe(true);
      const added = [...(await addAll(500, 20)), ...(await addAll(1, 2))];
      expect(await connection.counts("fanout")).toEqual({ waiting: 21, active: 0 });
      const board = boardQueues(connection);
      const counts = await Promise.all(board.map((queue) => queue.getJobCounts()));
      expect(counts.map(({ waiting = 0, prioritized = 0 }) => waiting + prioritized)).toEqual([21, 0, 0, 0, 0]);
      expect(await board[0]?.getJobs(["waiting"], 0, 9)).toHaveLength(10);
      expect(await board[0]?.getRedisInfo()).toContain("redis_version");
      collect();
      await until(() => added.every((id) => taken.has(id)));
      // A node that is starved is taken for dead.
      expect(errors.filter((error) => queueKind(error) !== "unreachable")).toEqual([]);
    });

    test("a node that halts with the queues is left as soon as its replica has taken over", async () => {
      collect();
      const owner = await cluster.owner();
      owner.halt();
      const haltedAt = performance.now();
      const after = await until(() => addAll(1, 1));
      const addedAfterMs = Math.round(performance.now() - haltedAt);
      expect(addedAfterMs).toBeLessThan(patient(10_000));
      await until(() => after.every((id) => taken.has(id)));
      const workedAfterMs = Math.round(performance.now() - haltedAt);
      process.stdout.write(
        `Halted: jobs added after ${addedAfterMs} ms, worked on after ${workedAfterMs} ms, ${errors.length} errors.\n`,
      );
      owner.goOn();
      await until(async () => (await cluster.owner()) !== owner);
      await until(async () => (await owner.admin.info("replication")).includes("master_link_status:up"));
    });

    test("why nobody may ask for its nodes is told", async () => {
      await changeUser("fanfare", "-cluster|slots");
      const told: Error[] = [];
      const other = connect((error) => told.push(error));
      const refusal = await other.usable().catch((error: Error) => error.message);
      await changeUser(...ALLOWED);
      expect(refusal).toContain("'cluster|slots'");
      // On a busy machine a node may also be too slow to refuse.
      expect(told.map(queueKind).filter((kind) => kind !== "unreachable")).toContain("not permitted");
      expect(told.map(queueKind)).not.toContain(undefined);
      expect(told.length).toBeLessThan(20);
      await until(() => other.usable().then(() => true));
      await other.close();
    });

    test("the death of the node that has the queues is survived as soon as its replica has taken over", async () => {
      collect();
      const [before] = await addAll(1, 1);
      await until(() => taken.has(before as string));
      await (await cluster.owner()).kill();
      const killedAt = performance.now();
      const msSince = () => Math.round(performance.now() - killedAt);
      await expect(connection.ping()).rejects.toThrow();
      const refusedAfterMs = msSince();
      const after = await until(() => addAll(1, 1));
      const addedAfterMs = msSince();
      await until(() => after.every((id) => taken.has(id)));
      const workedAfterMs = msSince();
      await until(() => connection.ping().then(() => true));
      process.stdout.write(
        `Not ready after ${refusedAfterMs} ms, jobs added after ${addedAfterMs} ms, worked on after ${workedAfterMs} ms, ${errors.length} errors.\n`,
      );
      expect(workedAfterMs).toBeLessThan(patient(15_000));
      expect(errors.length).toBeLessThan(30);
      expect(errors.filter((error) => queueKind(error) === undefined && !/ECONN/.test(error.message))).toEqual([]);
    });
  });

test("a cluster none of whose nodes is there is said to be so, soon, and as often as it is tried", async () => {
  const errors: Error[] = [];
  const connection = connectQueues({
    databaseUrl: "postgres://nobody@127.0.0.1:1/none",
    redis: redisPlace({ REDIS_CLUSTER_NODES: "127.0.0.1:1,127.0.0.1:2" }),
    onError: (error) => errors.push(error),
  });
  await expect(connection.ping()).rejects.toThrow("none of its nodes answers");
  await expect(connection.usable()).rejects.toThrow("No node of the Redis Cluster answers");
  expect(errors.length).toBeLessThan(30);
  await connection.close();
});
