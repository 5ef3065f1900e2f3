import { createTestDatabase, type TestDatabase, until } from "@fanfare/testkit";
import { type ApiProcess, startApiProcess } from "./api-process.js";
import { addCredentials, aSend, basic, type RunningApi, runApi } from "./support.js";

const DELAY_MS = 1_500;

let database: TestDatabase;
let seeded: RunningApi;
let api: ApiProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  seeded = await runApi({}, database.url);
  await addCredentials(seeded);
});
afterAll(async () => {
  await seeded?.close();
  await database?.drop();
});
afterEach(() => api.close());

async function start(delayMs: number): Promise<void> {
  api = await startApiProcess(seeded, {
    DATABASE_URL: database.url,
    SHUTDOWN_DELAY_SECONDS: String(delayMs / 1_000),
    // However often a fast machine asks with wrong credentials, that is not what refuses it.
    LOGIN_FAILURES_PER_MINUTE: "100000",
  });
}

/** Over a connection of its own: the answer's status, or that there is none. */
const statusOf = (path: string, init: RequestInit = {}) =>
  fetch(`${api.url}${path}`, { ...init, headers: { ...init.headers, connection: "close" } }).then(
    async (res) => {
      await res.text();
      return res.status;
    },
    () => "no answer",
  );
const ready = () => statusOf("/readyz");
const send = (account = seeded.account) =>
  statusOf("/v1/PushNotifications", {
    method: "POST",
    headers: { authorization: basic(account), "content-type": "application/json" },
    body: JSON.stringify(aSend()),
  });

test("an API that is asked to end is unready at once, answers new connections during its delay, and then ends with 0", async () => {
  await start(DELAY_MS);
  expect(await ready()).toBe(200);
  // Nobody sends what was accepted here: a stream of it does not end by itself.
  const { headers } = await seeded.call("POST", "/v1/PushNotifications", { body: aSend() });
  const authorization = basic(seeded.account);
  const stream = await fetch(`${api.url}${new URL(headers.get("location") ?? "").pathname}/Events`, {
    headers: { authorization },
  });
  const streamEnded = stream.text().then(() => performance.now());
  const askedAt = performance.now();
  api.child.kill("SIGTERM");
  await until(() => api.output().includes("Stopping"));
  expect(await ready()).toBe(503);
  const answers = new Set<unknown>();
  while (performance.now() - askedAt < DELAY_MS * 0.7) {
    answers.add(await send());
    answers.add(await send({ ...seeded.account, password: "another password" }));
    answers.add(await ready());
  }
  expect(answers).toEqual(new Set([202, 401, 503]));
  expect(await api.exited).toBe(0);
  expect(await streamEnded).toBeGreaterThanOrEqual(askedAt + DELAY_MS);
  expect(await send()).toBe("no answer");
});

test("a client that goes on sending until it sees that the API is unready loses nothing", async () => {
  await start(DELAY_MS);
  const answers: unknown[] = [];
  let last: unknown;
  const sending = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (last !== 503) answers.push(await send());
    }),
  );
  // As a load balancer looks: every now and then.
  const looking = until(
    async () => {
      last = await ready();
      return last === 503;
    },
    { intervalMs: DELAY_MS / 5 },
  );
  await until(() => answers.length > 20);
  api.child.kill("SIGTERM");
  await Promise.all([looking, sending]);
  expect(new Set(answers)).toEqual(new Set([202]));
  expect(await api.exited).toBe(0);
});

test("a second SIGTERM ends the API though its delay is not over", async () => {
  await start(8_000);
  const askedAt = performance.now();
  api.child.kill("SIGTERM");
  await until(() => api.output().includes("Stopping"));
  api.child.kill("SIGTERM");
  expect(await api.exited).toBe(1);
  expect(performance.now() - askedAt).toBeLessThan(8_000);
});

test("an API whose parent process is gone waits for no load balancer, even if it was asked to end before", async () => {
  await start(8_000);
  const askedAt = performance.now();
  api.child.kill("SIGTERM");
  await until(() => api.output().includes("Stopping"));
  api.child.disconnect();
  expect(await api.exited).toBe(0);
  expect(performance.now() - askedAt).toBeLessThan(8_000);
});
