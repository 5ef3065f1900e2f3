import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTestDatabase, queueBackends, startTcpProxy, type TcpProxy, type TestDatabase } from "@fanfare/testkit";
import { addCredentials, aSend, basic, type RunningApi, runApi } from "./support.js";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const path = "/v1/PushNotifications";

describe.each(queueBackends())("an API whose queues are on $name", ({ redisUrl }) => {
  let database: TestDatabase;
  let seeded: RunningApi;
  let postgres: TcpProxy;
  let redis: TcpProxy;
  let dataDir: string;
  let child: ChildProcess;
  let url: string;
  let output: string;
  let exited: Promise<number | string | null>;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    seeded = await runApi({}, database.url);
    await addCredentials(seeded);
  });
  afterAll(async () => {
    await seeded?.close();
    await database?.drop();
  });
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "fanfare-api-"));
    [postgres, redis] = [await startTcpProxy(), await startTcpProxy()];
    await start();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    child.kill("SIGKILL");
    await exited;
    postgres.end();
    redis.end();
    rmSync(dataDir, { recursive: true });
  });

  async function start(): Promise<void> {
    child = fork(main, {
      env: {
        PATH: process.env.PATH,
        PORT: "0",
        FANFARE_DATA_DIR: dataDir,
        DATABASE_URL: postgres.before(database.url),
        ...(redisUrl && { REDIS_URL: redis.before(redisUrl) }),
        FANFARE_ACCOUNT_ID: seeded.account.user,
        FANFARE_AUTH_TOKEN: seeded.account.password,
        FANFARE_ADMIN_PASSWORD: seeded.operator.password,
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    output = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (output += String(data)));
    exited = new Promise((resolve) => child.once("close", (code, signal) => resolve(signal ?? code)));
    url = await new Promise<string>((resolve, reject) => {
      child.once("message", (message) => resolve((message as { url: string }).url));
      exited.then(() => reject(new Error(output)));
    });
  }

  const send = (recipients: number) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { authorization: basic(seeded.account), "content-type": "application/json" },
      body: JSON.stringify(
        aSend({ to: Array.from({ length: recipients }, (_, n) => ({ provider: "FCM", token: `token-${n}` })) }),
      ),
    }).then(
      ({ status }) => status,
      () => "cut off",
    );

  async function expectCleanStop(): Promise<void> {
    child.kill("SIGTERM");
    expect([await exited, output.match(/"level":60.*/)]).toEqual([0, null]);
  }

  test.each(["stall", "cut"] as const)(
    "ends with 0 in time when its servers went away (%s) while it was asked to send",
    async (kind) => {
      expect(await send(1)).toBe(202);
      // Opened ahead, as a load balancer does, and never used.
      const unused = connect(Number(new URL(url).port), "127.0.0.1");
      sockets.push(unused);
      await once(unused, "connect");
      (redisUrl ? redis : postgres).set({ kind });
      const sends = Array.from({ length: 6 }, () => send(2_000));
      if (redisUrl) expect(new Set(await Promise.all(sends))).toEqual(new Set([202]));
      postgres.set({ kind });
      await expectCleanStop();
      await Promise.all(sends);
    },
  );
});
