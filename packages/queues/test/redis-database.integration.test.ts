import { connectQueues, isQueueAway } from "@fanfare/queues";
import { hasRedis } from "@fanfare/testkit";
import { type RedisServer, startRedis } from "./start-redis.js";

if (hasRedis())
  describe("the database that REDIS_URL names", () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await startRedis("--databases", "4");
    });
    afterAll(() => server.end());

    const connect = (database: number) =>
      connectQueues({
        databaseUrl: "postgres://nobody@127.0.0.1:1/none",
        redis: { url: `${server.url}/${database}` },
        onError: () => undefined,
      });

    test("has the queues", async () => {
      const queues = connect(3);
      await queues.usable();
      await queues.close();
      expect(await server.admin.dbsize()).toBe(0);
      await server.admin.select(3);
      expect(await server.admin.dbsize()).toBeGreaterThan(0);
      await server.admin.select(0);
    });

    test("that Redis has not is never usable, and nothing of the queues is tried in another one", async () => {
      const queues = connect(99);
      const error = await queues.usable().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ message: expect.stringMatching(/^Redis has no database 99: set REDIS_URL to /) });
      expect(isQueueAway(error)).toBe(false);
      await queues.close();
      expect(await server.admin.dbsize()).toBe(0);
    });
  });
