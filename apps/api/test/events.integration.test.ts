import { readEvents, type See, until } from "@fanfare/testkit";
import { createOperationWatch } from "../src/operation-watch.js";
import { addCredentials, answerTo, aSend, basic, type RunningApi, runApi } from "./support.js";

let api: RunningApi;
beforeAll(async () => {
  api = await runApi();
  await addCredentials(api);
});
afterAll(() => api.close());

async function send(): Promise<string> {
  const { body } = await api.call("POST", "/v1/PushNotifications", { body: aSend() });
  return body.operationId as string;
}

async function follow(operationId: string, seen: string[]): Promise<() => Promise<void>> {
  const abort = new AbortController();
  const res = await fetch(`${api.url}/v1/PushNotifications/Operations/${operationId}/Events`, {
    headers: { authorization: basic(api.account) },
    signal: abort.signal,
  });
  const reading = (async () => {
    for await (const { data } of readEvents(res)) seen.push(data.status);
  })().catch((error: Error) => {
    if (error.name !== "AbortError") throw error;
  });
  return async () => {
    abort.abort();
    await reading;
  };
}

test("two hundred readers of one operation are told of each state, once", async () => {
  const operationId = await send();
  const seen: string[][] = Array.from({ length: 200 }, () => []);
  const stops = await Promise.all(seen.map((mine) => follow(operationId, mine)));
  const told = (see: See) => see(seen.flat().length);
  await until((see) => told(see) === 200);
  await api.call("POST", `/v1/PushNotifications/Operations/${operationId}/Cancel`);
  await until((see) => told(see) === 400);
  expect(seen).toEqual(seen.map(() => ["PROCESSING", "CANCELED"]));
  await Promise.all(stops.map((stop) => stop()));
});

test("one reader or a thousand, of one operation or of fifty, cost the database the same", async () => {
  let queries = 0;
  const counted = api.db.$extends({
    query: {
      $allOperations({ args, query }) {
        queries++;
        return query(args);
      },
    },
  });
  const watch = createOperationWatch(counted as unknown as typeof api.db, (error) => {
    throw error;
  });
  await Promise.all(Array.from({ length: 50 }, () => send()));
  const ids = (await api.db.operation.findMany({ select: { id: true } })).map(({ id }) => id);
  expect(ids.length).toBeGreaterThanOrEqual(50);

  /** Has the listeners told, and then waits for three looks. */
  const expectFewLooks = async (listeners: readonly string[]) => {
    const told: string[] = [];
    const stops = listeners.map((id) => watch.subscribe(id, () => told.push(id)));
    await until((see) => see(told.length) >= listeners.length);
    const [before, beganAt] = [queries, performance.now()];
    await until((see) => see(queries) >= before + 3);
    const looks = queries - before;
    // One look every 250 ms, whoever looks; a timer may be a millisecond early.
    expect(looks).toBeLessThanOrEqual(1 + (performance.now() - beganAt) / 249);
    for (const stop of stops) stop();
    expect(told.length).toBe(listeners.length);
  };
  const one = ids.slice(0, 1);
  for (const listeners of [one, Array.from({ length: 1_000 }, () => one).flat(), ids]) {
    await expectFewLooks(listeners);
  }
  const before = queries;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(queries - before).toBeLessThanOrEqual(1);
  watch.close();
});

test.each(["HTTP/1.1", "HTTP/1.0"])(
  "a reader by %s that wants its connection closed has it closed at the end",
  async (version) => {
    const operationId = await send();
    await api.call("POST", `/v1/PushNotifications/Operations/${operationId}/Cancel`);
    const target = `/v1/PushNotifications/Operations/${operationId}/Events`;
    // It waits for the end of the connection.
    const text = await answerTo(
      api,
      `GET ${target} ${version}`,
      "Host: localhost",
      `Authorization: ${basic(api.account)}`,
    );
    expect(text).toContain("CANCELED");
    expect(text).toMatch(/\r\nConnection: close\r\n/i);
    expect(text).not.toMatch(/keep-alive/i);
  },
);
