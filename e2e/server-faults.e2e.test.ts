import {
  createTestDatabase,
  freePorts,
  patient,
  queueBackends,
  startTcpProxy,
  type TcpProxy,
  type TestDatabase,
  until,
} from "@fanfare/testkit";
import { Redis } from "ioredis";
import { type KeptRedis, keepRedis } from "./chaos/keep-redis.js";

import { type RunningStack, runStack } from "./support/run-stack.js";
import { expectEachReached, recipientsInFlight, sendInFlight } from "./support/sends-in-flight.js";
import { untilReady } from "./support/until-ready.js";

interface ReadinessBody {
  status: string;
  checks: Record<string, { ok: boolean; detail?: string }>;
}

const WORKERS = ["fanout-worker", "fcm-worker", "apns-worker"];

/** Longer than the lease, and than any pause between two tries of anything: away for longer is the same again. */
const AWAY_MS = 8_000;
const LEASE_MS = "3000";

const recipients = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({ provider: n % 2 ? "FCM" : "APN", token: `${name}-${n}` }));

const deaths = (stack: RunningStack) => stack.log.filter((line) => line.includes(" died ("));

describe("Postgres in the middle of a send", () => {
  const COUNT = 2_000;
  let database: TestDatabase;
  let proxy: TcpProxy;
  let stack: RunningStack;
  let health: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await startTcpProxy();
    const { HEALTH_PORT = "" } = await freePorts("HEALTH_PORT");
    health = `http://127.0.0.1:${HEALTH_PORT}`;
    stack = await runStack({
      env: { DATABASE_URL: proxy.before(database.url), LEASE_MS },
      appEnv: { "fcm-worker": { HEALTH_PORT } },
    });
  });
  afterEach(() => proxy.set({ kind: "pass" }));
  afterAll(async () => {
    try {
      await stack?.close();
    } finally {
      proxy?.end();
      await database?.drop();
    }
  });

  const begin = (name: string) => sendInFlight(stack, name, recipientsInFlight(name, COUNT));

  test("is away for longer than a lease: nothing is lost, no process dies, and sends are refused meanwhile", async () => {
    const operationId = await begin("away");
    proxy.set({ kind: "cut" });
    const backAt = performance.now() + AWAY_MS;
    let refused = 0;
    await until(async () => {
      const { status } = await stack.call("POST", "/v1/PushNotifications", { to: recipients("x", 1), content: {} });
      if (status === 503) refused += 1;
      return performance.now() > backAt;
    });
    proxy.set({ kind: "pass" });
    expect(refused).toBeGreaterThan(0);
    await expectEachReached(stack, { name: "away", operationId, count: COUNT });
    expect(deaths(stack)).toEqual([]);
  });

  test("ends all of its connections, again and again: nothing is lost, and no process dies", async () => {
    const operationId = await begin("terminated");
    for (let round = 0; round < 3; round++) {
      const { attempts } = (await stack.api.operation(operationId)).stats;
      await stack.db.$queryRaw`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`;
      await until(async () => {
        const { stats, status } = await stack.api.operation(operationId);
        return stats.attempts > attempts || status === "COMPLETED";
      });
    }
    await expectEachReached(stack, { name: "terminated", operationId, count: COUNT });
    expect(deaths(stack)).toEqual([]);
  });

  test("takes no writes: neither the API nor a worker is ready, and both are when it does again", async () => {
    const asked = { api: stack.url, "fcm-worker": health };
    const ready = () =>
      Promise.all(
        Object.values(asked).map(async (url) => {
          const res = await fetch(`${url}/readyz`);
          return { status: res.status, ...((await res.json()) as ReadinessBody).checks.postgres };
        }),
      );
    stack.log.length = 0;
    await database.setReadOnly(true);
    await database.endSessions();
    await until(async (see) =>
      see(await ready()).every(
        ({ status, ok, detail }) => status === 503 && ok === false && detail?.includes("in a read-only transaction"),
      ),
    );
    await database.setReadOnly(false);
    await database.endSessions();
    await until(async (see) => see(await ready()).every(({ status }) => status === 200));
    await until((see) =>
      Object.keys(asked).every(
        (name) =>
          see(
            stack.log.filter((line) => line.startsWith(name) && line.includes("The check of postgres is green again")),
          ).length,
      ),
    );
    expect(deaths(stack)).toEqual([]);
  });
});

for (const { redisUrl } of queueBackends()) {
  if (!redisUrl) continue;
  describe("Redis in the middle of sends", () => {
    let redis: KeptRedis;
    let link: TcpProxy;
    let admin: Redis;
    let stack: RunningStack;
    let health: string;
    let fanOutHealth: string;

    beforeAll(async () => {
      const ports = await freePorts("REDIS_PORT", "HEALTH_PORT", "FANOUT_HEALTH_PORT");
      const { REDIS_PORT = "", HEALTH_PORT = "", FANOUT_HEALTH_PORT = "" } = ports;
      redis = await keepRedis(REDIS_PORT, "/tmp", () => undefined);
      admin = new Redis(redis.url);
      link = await startTcpProxy();
      health = `http://127.0.0.1:${HEALTH_PORT}`;
      fanOutHealth = `http://127.0.0.1:${FANOUT_HEALTH_PORT}`;
      stack = await runStack({
        env: { REDIS_URL: link.before(redis.url), LEASE_MS, UNTOUCHED_AFTER_SECONDS: "12" },
        appEnv: { "fcm-worker": { HEALTH_PORT }, "fanout-worker": { HEALTH_PORT: FANOUT_HEALTH_PORT } },
      });
    });
    afterEach(async () => {
      link.set({ kind: "pass" });
      process.kill(redis.pid as number, "SIGCONT");
      await admin.config("SET", "maxmemory", "0");
    });
    afterAll(async () => {
      try {
        await stack?.close();
      } finally {
        link?.end();
        admin?.disconnect();
        await redis?.stop();
      }
    });

    /** What each of the two says of its queue. */
    const queueChecks = async () =>
      Promise.all(
        [stack.url, health].map(async (url) => {
          const res = await fetch(`${url}/readyz`);
          const { status, checks } = (await res.json()) as ReadinessBody;
          return { answer: `${res.status} ${status}`, ...checks.queue };
        }),
      );
    /** A worker can do nothing without its queue; the API takes sends all the same. */
    const red = async (detail: string) => {
      const checks = await queueChecks();
      expect(checks.map(({ answer }) => answer)).toEqual(["200 degraded", "503 unavailable"]);
      return checks.every((check) => check.detail?.includes(detail));
    };
    const green = async () => (await queueChecks()).every(({ answer }) => answer === "200 ok");

    test("out of memory: readiness says so, sends are accepted, and all are delivered once it has some again", async () => {
      await admin.config("SET", "maxmemory", "1mb");
      await until(() => red("Redis is out of memory"));
      const asked = { headers: { "x-forwarded-for": "127.0.0.1" } };
      for (const url of [stack.url, health]) {
        const { checks } = (await (await fetch(`${url}/readyz`, asked)).json()) as ReadinessBody;
        expect(checks.queue).toEqual({ ok: false });
      }
      const { operationId } = await stack.api.send({ to: recipients("full", 1_000), content: { title: "x" } });
      await admin.config("SET", "maxmemory", "0");
      await until(green);
      await expectEachReached(stack, { name: "full", operationId, count: 1_000 });
      expect(deaths(stack)).toEqual([]);
    });

    test("set to evict jobs: readiness says so", async () => {
      await admin.config("SET", "maxmemory-policy", "allkeys-lru");
      await admin.config("SET", "maxmemory", "1gb");
      await until(() => red("its maxmemory-policy is allkeys-lru"));
      await admin.config("SET", "maxmemory-policy", "noeviction");
      await until(green);
    });

    test("a worker that is not handed its jobs, while all answers whom it asks: readiness says so, and health does not", async () => {
      // The request for a job alone names this key.
      link.set({ kind: "stall", whoSays: ":fanout:limiter" });
      const { operationId } = await stack.api.send({ to: recipients("untouched", 100), content: { title: "x" } });
      const ask = async (path: string) => {
        const res = await fetch(`${fanOutHealth}${path}`);
        return { status: res.status, body: (await res.json()) as ReadinessBody };
      };
      await until(async (see) => see(await ask("/readyz")).status === 503);
      const { checks } = (await ask("/readyz")).body;
      expect(checks).toMatchObject({ postgres: { ok: true }, queue: { ok: true }, progress: { ok: true } });
      expect(checks.taking?.detail).toMatch(/^\d+ jobs wait and nothing was begun for \d+ s$/);
      expect((await ask("/healthz")).status).toBe(200);
      expect(await queueChecks()).toMatchObject([{ answer: "200 ok" }, { answer: "200 ok" }]);
      link.set({ kind: "pass" });
      await until(async (see) => see(await ask("/readyz")).status === 200);
      await expectEachReached(stack, { name: "untouched", operationId, count: 100 });
      const told = stack.log.filter(
        (line) => line.startsWith("fanout-worker") && line.includes("The check of taking is"),
      );
      expect(told).toEqual([expect.stringContaining("is red"), expect.stringContaining("is green again")]);
    });

    test("halted: sends are accepted, workers end with 0 when asked to, and all goes on by itself", async () => {
      process.kill(redis.pid as number, "SIGSTOP");
      const beganAt = performance.now();
      const { operationId } = await stack.api.send({ to: recipients("halted", 1_000), content: { title: "x" } });
      expect(performance.now() - beganAt).toBeLessThan(patient(2_000));
      await until(() => red("no answer within"));
      await untilReady(stack, ...WORKERS);
      for (const worker of WORKERS) stack.signal("SIGTERM", worker);
      await until(() => deaths(stack).length === WORKERS.length);
      for (const line of deaths(stack)) expect(line).toContain("died (exit code 0)");
      process.kill(redis.pid as number, "SIGCONT");
      await until(green);
      await expectEachReached(stack, { name: "halted", operationId, count: 1_000 });
    });
  });
}
