import { boardQueues, connectQueues, type QueueConnection } from "@fanfare/queues";
import {
  createTestDatabase,
  hasRedis,
  patient,
  queueBackends,
  queueNamespace,
  startTcpProxy,
  type TcpProxy,
  type TestDatabase,
  until,
} from "@fanfare/testkit";
import pg from "pg";
import { READINESS } from "../src/catalog.js";
import { type RedisServer, startRedis } from "./start-redis.js";

const nowhere = "postgres://nobody@127.0.0.1:1/none";
const onError = () => undefined;

describe.each(queueBackends())("readiness of queues on $name", ({ redisUrl }) => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let connection: QueueConnection;

  beforeEach(async () => {
    database = await createTestDatabase();
    proxy = await startTcpProxy();
    const url = proxy.before(redisUrl ?? database.url);
    const redis = redisUrl ? { url } : undefined;
    connection = connectQueues({ databaseUrl: url, redis, namespace: queueNamespace(), onError });
  });
  afterEach(async () => {
    await connection.close();
    proxy.end();
    await database.drop();
  });

  test("however often and by however many it is asked at once, one job is left, which Bull Board does not show", async () => {
    for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 10 }, () => connection.ping()));
    const queue = connection.queue(READINESS.queue);
    expect(await queue.getJobCounts()).toMatchObject({ waiting: 1, active: 0, completed: 0, failed: 0, delayed: 0 });
    expect(boardQueues(connection).map((shown) => shown.getName())).not.toContain("readiness");
  });

  test("a server that says nothing is not ready, which is found out in time", async () => {
    await connection.ping();
    proxy.set({ kind: "stall" });
    const beganAt = performance.now();
    await expect(connection.ping()).rejects.toThrow();
    expect(performance.now() - beganAt).toBeLessThan(patient(7_000));
    proxy.set({ kind: "pass" });
    await until(() => connection.ping().then(() => true));
  });
});

describe("queues on Postgres are not ready", () => {
  let database: TestDatabase;
  let connection: QueueConnection;
  let admin: pg.Client;

  beforeEach(async () => {
    database = await createTestDatabase();
    admin = new pg.Client(database.url);
    // Its session is ended with the others.
    admin.on("error", () => undefined);
    await admin.connect();
    connection = connectQueues({ databaseUrl: database.url, onError });
  });
  afterEach(async () => {
    await connection.close();
    await admin.end();
    await database.drop();
  });

  test("in a database that is read-only, and are again when it is not", async () => {
    await connection.ping();
    await database.setReadOnly(true);
    await database.endSessions();
    await until(() =>
      connection.ping().then(
        () => false,
        ({ message }) => /read-only transaction/.test(message),
      ),
    );
    await database.setReadOnly(false);
    await database.endSessions();
    await until(() => connection.ping().then(() => true));
  });

  test("without the table of the jobs", async () => {
    await connection.ping();
    const { rows } = await admin.query("select tablename from pg_tables where schemaname = 'bullmq'");
    await admin.query(rows.map(({ tablename }) => `drop table bullmq."${tablename}" cascade`).join(";"));
    await expect(connection.ping()).rejects.toThrow(/does not exist/);
  });
});

if (hasRedis())
  describe("queues on Redis are not ready", () => {
    let server: RedisServer;
    let connection: QueueConnection;

    beforeEach(async () => {
      server = await startRedis();
      connection = connectQueues({ databaseUrl: nowhere, redis: { url: server.url }, onError });
      await connection.ping();
    });
    afterEach(async () => {
      await connection.close();
      await server.end();
    });

    test("when it is full, and are again when it has room", async () => {
      await server.admin.config("SET", "maxmemory", "1");
      await expect(connection.ping()).rejects.toThrow("out of memory");
      await server.admin.config("SET", "maxmemory", "0");
      await connection.ping();
    });

    test("when it may evict jobs", async () => {
      await server.admin.config("SET", "maxmemory", "1gb");
      await server.admin.config("SET", "maxmemory-policy", "allkeys-lru");
      await expect(connection.ping()).rejects.toThrow("must be noeviction");
    });

    test("when it can not save what it is told, and refuses therefore", async () => {
      await server.admin.config("SET", "min-replicas-to-write", "1");
      await expect(connection.ping()).rejects.toThrow("NOREPLICAS");
    });
  });
