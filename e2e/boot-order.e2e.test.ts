import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { migrate } from "@fanfare/db";
import { migrateQueues } from "@fanfare/queues";
import {
  createEmptyDatabase,
  createTestDatabase,
  freePorts,
  queueBackends,
  type TcpProxy,
  until,
} from "@fanfare/testkit";
import { Redis } from "ioredis";
import { type ProxiedStack, runBehindProxies } from "./support/run-behind-proxies.js";
import type { RunningStack } from "./support/run-stack.js";
import { expectEachReached, recipientsInFlight } from "./support/sends-in-flight.js";

const WORKERS = ["fanout-worker", "fcm-worker", "apns-worker"];

// A machine that comes up before the one of its store, or is restarted while that fails over.
describe.each(queueBackends())("processes that start while a store is away (queues on $name)", ({ redisUrl }) => {
  let proxied: ProxiedStack;
  let stack: RunningStack;
  let health: string;

  beforeAll(async () => {
    const { HEALTH_PORT = "" } = await freePorts("HEALTH_PORT");
    health = `http://127.0.0.1:${HEALTH_PORT}/readyz`;
    proxied = await runBehindProxies(redisUrl, { appEnv: { "fcm-worker": { HEALTH_PORT } } });
    stack = proxied.stack;
  });
  afterEach(() => proxied.mend());
  afterAll(() => proxied?.close());

  const said = (name: string, text: string) => stack.log.filter((line) => line.startsWith(name) && line.includes(text));

  /** Kills processes while a store is away; resolves when each has started again, and says what it waits for. */
  async function startWithout(store: TcpProxy, names: readonly string[], waitsFor: string): Promise<void> {
    store.set({ kind: "cut" });
    stack.log.length = 0;
    stack.signal("SIGKILL", ...names);
    await until((see) => see(names.filter((name) => said(name, waitsFor).length === 0)).length === 0);
  }

  test("Postgres: they wait, none is ready, and work goes on when it is back", async () => {
    await startWithout(proxied.postgres, [...WORKERS, "api"], "Waiting for Postgres");
    const { status, checks } = await readiness();
    expect([status, checks.lifecycle?.detail]).toEqual([503, "starting"]);
    proxied.mend();
    await until((see) => see([...WORKERS, "api"].filter((name) => said(name, '"Ready"').length === 0)).length === 0);
    await expectSent("after-postgres");
    for (const name of [...WORKERS, "api"]) {
      expect(said(name, " died (")).toHaveLength(1);
      expect(said(name, "Waiting for Postgres")).toHaveLength(1);
    }
  });

  if (redisUrl) {
    test("Redis: workers wait, sends are accepted meanwhile, and all of it is sent when it is back", async () => {
      await startWithout(proxied.redis, WORKERS, "Waiting for the queue");
      expect((await readiness()).status).toBe(503);
      const sent = await send("meanwhile");
      proxied.mend();
      await expectEachReached(stack, sent);
      expect((await readiness()).status).toBe(200);
    });
  }

  async function readiness() {
    const res = await fetch(health);
    const { checks } = (await res.json()) as { checks: Record<string, { detail?: string }> };
    return { status: res.status, checks };
  }

  async function send(name: string) {
    const to = recipientsInFlight(name, 100);
    const { operationId } = await stack.api.send({ to, content: { title: name } });
    return { name, operationId, count: 100 };
  }

  const expectSent = async (name: string) => expectEachReached(stack, await send(name));
});

/** A fan-out worker of its own, with what it has printed so far. */
function startWorker(env: Record<string, string>) {
  const main = fileURLToPath(new URL("../apps/fanout-worker/dist/main.js", import.meta.url));
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise((resolve) => child.once("close", resolve));
  let output = "";
  child.stdout.on("data", (data) => {
    output += String(data);
  });
  return {
    output: () => output,
    /** Resolves with its exit code. */
    stop() {
      child.kill("SIGTERM");
      return exited;
    },
  };
}

// Each has a worker and a database of its own: they run side by side.
test.concurrent("a worker of a database that is not migrated waits for it, and says what to do", async () => {
  const database = await createEmptyDatabase();
  const worker = startWorker({ DATABASE_URL: database.url });
  await until(() => /Waiting for Postgres/.test(worker.output()));
  expect(worker.output()).toMatch(/lacks \d+ migrations, 20261123000000_main_job first: run fanfare migrate/);
  await migrate(database.url);
  await migrateQueues({ databaseUrl: database.url });
  await until(() => worker.output().includes('"Ready"'));
  expect(await worker.stop()).toBe(0);
  await database.drop();
});

for (const { redisUrl } of queueBackends()) {
  if (!redisUrl) continue;
  test.concurrent("a worker whose Redis user lacks a permission says once which, begins when it has it, and says once when it is taken away", async () => {
    const database = await createTestDatabase();
    const redis = new Redis(redisUrl);
    const user = `worker-${process.pid}`;
    const permit = (...words: string[]) => redis.call("ACL", "SETUSER", user, ...words);
    await permit("on", ">password", "~*", "+@all", "-bzpopmin");
    const worker = startWorker({
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl.replace("//", `//${user}:password@`),
    });
    const complaints = () =>
      worker
        .output()
        .split("\n")
        .filter((line) => /"level":[456]0/.test(line) && !line.includes("The event loop was blocked"));
    await until(() => complaints().length > 0);
    await setTimeout(2_000);
    expect(complaints()).toEqual([expect.stringMatching(/Redis does not permit what the queues need .* 'bzpopmin'/)]);
    await permit("+bzpopmin");
    await until(() => worker.output().includes('"Ready"'));
    const before = complaints().length;
    await permit("-bzpopmin", "-xadd");
    await until(() => complaints().length > before);
    await setTimeout(5_000);
    expect(complaints().slice(before).length).toBeLessThan(8);
    expect(worker.output()).not.toContain("password");
    await permit("+@all");
    expect(await worker.stop()).toBe(0);
    await redis.call("ACL", "DELUSER", user);
    redis.disconnect();
    await database.drop();
  });
}
