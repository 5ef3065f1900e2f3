import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
  boardQueues,
  type Consumer,
  connectQueues,
  consume,
  createProducer,
  type Producer,
  type QueueConnection,
  queueKind,
} from "@fanfare/queues";
import { hasRedis, until } from "@fanfare/testkit";
import { type RedisServer, startRedis } from "./start-redis.js";

/** The line of the operator's guide, as words. */
const guide = readFileSync(join(import.meta.dirname, "../../../docs/operations.md"), "utf8");
const ALLOWED = (/^ACL SETUSER (fanfare .* ~fanfare:\* .*)$/m.exec(guide)?.[1] ?? "").split(" ");

/** How long a worker is refused. */
const REFUSED_MS = 3_000;

if (hasRedis())
  describe("a Redis user that may do little", () => {
    let server: RedisServer;
    let connection: QueueConnection;
    let producer: Producer;
    let consumer: Consumer | undefined;
    const errors: Error[] = [];
    const taken = new Set<string>();

    beforeAll(async () => {
      server = await startRedis();
    });
    afterAll(() => server.end());
    beforeEach(async () => {
      await allow();
      const url = server.url.replace("//", "//fanfare:password@");
      const onError = (error: Error) => void errors.push(error);
      connection = connectQueues({ databaseUrl: "postgres://nobody@127.0.0.1:1/none", redis: { url }, onError });
      producer = createProducer(connection, "fanout", { jobsMax: 2_000 });
      errors.length = 0;
    });
    afterEach(async () => {
      await consumer?.stop();
      consumer = undefined;
      await producer.close();
      await connection.close();
      await server.admin.flushall();
    });

    const allow = (...besides: string[]) => server.admin.call("ACL", "SETUSER", ...ALLOWED, ...besides);

    async function begin(): Promise<void> {
      consumer = consume(connection, "fanout", async ({ batchIds }) => batchIds.forEach((id) => void taken.add(id)), {
        concurrency: 1,
        onError: (error) => errors.push(error),
        onBroken: (error) => errors.push(error as Error),
      });
      await addAndTake();
    }

    async function addAndTake(): Promise<void> {
      const add = async () => {
        const batchId = randomUUID();
        await producer.add({ batchId, recipients: 500, depth: 1 });
        return batchId;
      };
      const ids = await Promise.all(Array.from({ length: 10 }, add));
      await until(() => ids.every((id) => taken.has(id)));
    }

    test("what the operator's guide allows it suffices for senders, workers, Bull Board and readiness", async () => {
      await connection.usable();
      await connection.ping();
      await connection.mark("fanout");
      expect(await connection.isMarked("fanout")).toBe(true);
      expect(await connection.counts("fanout")).toEqual({ waiting: 0, active: 0 });
      await begin();
      const [board] = boardQueues(connection);
      expect(await board?.getJobs(["completed", "delayed"], 0, 50)).toHaveLength(11);
      expect(await board?.getRedisInfo()).toContain("redis_version");
      expect(await board?.getWorkers?.()).toHaveLength(1);
      const [job] = (await board?.getJobs(["completed"], 0, 0)) ?? [];
      expect(await board?.getJobLogs(String(job?.toJSON().id))).toEqual([]);
      await board?.pause();
      await board?.resume();
      await board?.clean("completed", 0);
      expect(errors).toEqual([]);
      expect(await server.admin.call("ACL", "LOG")).toEqual([]);
    });

    test.each([
      ["-info", /'info'/],
      ["-evalsha", /'evalsha'/],
      ["-eval", /'eval'/],
      ["-bzpopmin", /'bzpopmin'/],
      ["-@write", /script/],
      ["resetkeys", /key/],
    ])("one that lacks %s is told so in one sentence, and goes on when it is allowed", async (missing, what) => {
      await server.admin.script("FLUSH");
      await allow(missing);
      const refusal = await connection.usable().catch((error: Error) => error);
      expect(refusal).toBeInstanceOf(Error);
      const { message, cause } = refusal as Error;
      expect(message).toMatch(/^Redis does not permit what the queues need \(docs\/operations\.md has the ACL\): /);
      expect(message).toMatch(what);
      expect(queueKind(cause)).toBe("not permitted");
      await allow();
      await until(() => connection.usable().then(() => true));
    });

    test("one whose permission is taken away while it works says so about once a second, and goes on when it is given back", async () => {
      await begin();
      expect(errors).toEqual([]);
      await allow("-bzpopmin", "-evalsha");
      await expect(connection.ping()).rejects.toThrow("NOPERM");
      await until(() => errors.length > 0);
      await setTimeout(REFUSED_MS);
      expect(errors.length).toBeLessThan(3 * (REFUSED_MS / 1_000));
      process.stdout.write(`In ${REFUSED_MS} ms: ${errors.length} errors.\n`);
      expect(new Set(errors.map(queueKind))).toEqual(new Set(["not permitted"]));
      await allow();
      await addAndTake();
    });

    test("one that is not known, or has another password, is told so and goes on when it is put right", async () => {
      await server.admin.call("ACL", "DELUSER", "fanfare");
      const refused = () => connection.usable().catch((error: Error) => error);
      expect(String(await refused())).toContain("WRONGPASS");
      expect(queueKind(errors.at(-1))).toBe("not permitted");
      await allow();
      await until(() => connection.usable().then(() => true));
    });
  });
