import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createTestDatabase, queueBackends, startTcpProxy, type TcpProxy, type TestDatabase } from "@fanfare/testkit";
import { type ApiProcess, startApiProcess } from "./api-process.js";
import { addCredentials, aSend, basic, type RunningApi, runApi } from "./support.js";

const path = "/v1/PushNotifications";

describe.each(queueBackends())("an API whose queues are on $name", ({ redisUrl }) => {
  let database: TestDatabase;
  let seeded: RunningApi;
  let postgres: TcpProxy;
  let redis: TcpProxy;
  let api: ApiProcess;
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
    [postgres, redis] = [await startTcpProxy(), await startTcpProxy()];
    api = await startApiProcess(seeded, {
      SHUTDOWN_DELAY_SECONDS: "0",
      DATABASE_URL: postgres.before(database.url),
      ...(redisUrl && { REDIS_URL: redis.before(redisUrl) }),
    });
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await api.close();
    postgres.end();
    redis.end();
  });

  const send = (recipients: number) =>
    fetch(`${api.url}${path}`, {
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
    api.child.kill("SIGTERM");
    expect([await api.exited, api.output().match(/"level":60.*/)]).toEqual([0, null]);
  }

  test.each(["stall", "cut"] as const)(
    "ends with 0 in time when its servers went away (%s) while it was asked to send",
    async (kind) => {
      expect(await send(1)).toBe(202);
      // Opened ahead, as a load balancer does, and never used.
      const unused = connect(Number(new URL(api.url).port), "127.0.0.1");
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
