import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { withClient } from "@fanfare/postgres";
import {
  createEmptyDatabase,
  createTestDatabase,
  hasPgBouncer,
  queueBackends,
  startPgBouncer,
  type TestDatabase,
} from "@fanfare/testkit";
import { type RunningStack, runStack } from "./support/run-stack.js";
import { expectEachReached, recipientsInFlight } from "./support/sends-in-flight.js";

async function expectSent(stack: RunningStack, name: string): Promise<void> {
  const count = 1_000;
  const to = recipientsInFlight(name, count);
  const { operationId } = await stack.api.send({ to, content: { title: name } });
  await expectEachReached(stack, { name, operationId, count });
}

async function expectReady(stack: RunningStack): Promise<void> {
  const readiness = await (await fetch(`${stack.url}/readyz`)).json();
  expect(readiness).toEqual({ status: "ok", checks: { postgres: { ok: true }, queue: { ok: true } } });
}

/** What the processes of an installation said was wrong: pino's level 40 is a warning. */
const complaints = (stack: RunningStack) =>
  stack.log.filter((line) => /"level":[456]0/.test(line) && !isOfTheMachine(line));

const isOfTheMachine = (line: string) => line.includes("The event loop was blocked");

test("a role with its own search path, and options in the URL: it works, and is read", async () => {
  const database = await createEmptyDatabase();
  const name = new URL(database.url).pathname.slice(1);
  await withClient(database.url, "test", async (client) => {
    await client.query("create schema app");
    await client.query(`alter role fanfare in database ${name} set search_path to app, public`);
  });
  const DATABASE_URL = `${database.url}?options=-c%20lock_timeout%3D20s`;
  const stack = await runStack({ env: { DATABASE_URL } });
  await expectSent(stack, "own-search-path");
  await expectReady(stack);
  expect((await stack.call("GET", "/v1/PushNotifications/Operations")).status).toBe(200);
  expect(complaints(stack)).toEqual([]);
  await stack.close();
  await database.drop();
});

if (hasPgBouncer()) {
  describe("PgBouncer that pools transactions", () => {
    let database: TestDatabase;
    let pooler: Awaited<ReturnType<typeof startPgBouncer>>;

    beforeAll(async () => {
      database = await createTestDatabase();
      pooler = await startPgBouncer(database.url, { poolSize: 10 });
    });
    afterAll(async () => {
      await pooler?.close();
      await database?.drop();
    });

    for (const backend of queueBackends()) {
      if (!backend.redisUrl) continue;
      test("with queues on Redis it works, free of errors", async () => {
        const stack = await runStack({ backend, workers: 2, env: { DATABASE_URL: pooler.url } });
        await expectSent(stack, "pooled");
        await expectReady(stack);
        expect(complaints(stack)).toEqual([]);
        await stack.close();
      });
    }

    test.concurrent.each(["api", "fanout-worker", "apns-worker"])(
      "with queues in Postgres %s does not start, and says why in a sentence",
      async (app) => {
        const dataDir = await mkdtemp(join(tmpdir(), "fanfare-pooled-"));
        const main = fileURLToPath(new URL(`../apps/${app}/dist/main.js`, import.meta.url));
        const env = { PATH: process.env.PATH, DATABASE_URL: pooler.url, FANFARE_DATA_DIR: dataDir, PORT: "0" };
        const started = spawn(process.execPath, [main], { env, stdio: ["ignore", "pipe", "inherit"] });
        const [said, [code]] = await Promise.all([text(started.stdout), once(started, "close")]);
        expect(code).toBe(1);
        expect(said).toContain("The pooler before Postgres refuses the start-up parameter search_path");
        await rm(dataDir, { recursive: true });
      },
    );
  });
}
