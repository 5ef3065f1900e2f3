import { acceptOperation, connectDb, type Db, pingDb } from "@fanfare/db";
import { mintRowId } from "@fanfare/domain";
import { createRenderer, type Renderer } from "@fanfare/templates";
import { aMessage, createTestDatabase, startTcpProxy, type TcpProxy, type TestDatabase, until } from "@fanfare/testkit";
import { createFanOut } from "../src/fan-out-batches.js";

let database: TestDatabase;
let proxy: TcpProxy;
let direct: Db;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startTcpProxy();
  direct = connectDb(database.url);
  db = connectDb(proxy.before(database.url), { onError: () => undefined });
});
afterAll(async () => {
  await db.$disconnect();
  await direct.$disconnect();
  proxy.end();
  await database.drop();
});

/** Fans an operation of one templated recipient out. */
async function fanOutOne(renderer: Renderer = createRenderer()) {
  const message = aMessage({ content: { title: "Hi {{ name }}" } });
  const recipients = [{ provider: "FCM" as const, token: "t", variables: { name: "Ada" } }];
  const accepted = await acceptOperation(direct, { accountId: mintRowId(), message, tags: {}, recipients });
  if (accepted.kind !== "accepted") throw new Error(accepted.kind);
  const ids = accepted.batches.map(({ id }) => id);
  const failures: unknown[] = [];
  const fanOut = createFanOut({
    ...{ db, renderer, enqueue: () => undefined, holdMs: 60_000 },
    ...{ log: { info: () => undefined, warn: () => undefined, error: () => undefined }, onPrepared: () => undefined },
    onError: (error) => failures.push(error),
  });
  const find = () => direct.recipientBatch.findFirst({ where: { id: { in: ids } } });
  const made = () => direct.deliveryBatch.count({ where: { operationId: accepted.id } });
  return { fannedOut: fanOut(ids), fanOut: () => fanOut(ids), find, made, failures };
}

test("a hold whose answer was lost is found by who asked for it, and the batch is fanned out", async () => {
  // There is a connection that it is asked over.
  await pingDb(db);
  proxy.set({ kind: "loseAnswers" });
  const { fannedOut, find, made, failures } = await fanOutOne();
  await until(async () => (await find())?.heldUntil);
  // Ends the connections, and lets new ones through.
  proxy.set({ kind: "pass" });
  await fannedOut;
  expect(failures).not.toEqual([]);
  expect(await find()).toBeNull();
  expect(await made()).toBe(1);
});

test("a database that is lost under a fan-out gets the batch back once it answers: it is due at once, and no worker died", async () => {
  const { forBatch } = createRenderer();
  let isCut = false;
  const { fannedOut, fanOut, find, made, failures } = await fanOutOne({
    forBatch() {
      if (!isCut) proxy.set({ kind: "cut" });
      isCut = true;
      return forBatch();
    },
  });
  const failed = expect(fannedOut).rejects.toThrow();
  await until(() => failures.length >= 3);
  expect((await find())?.heldUntil).not.toBeNull();
  proxy.set({ kind: "pass" });
  await failed;
  expect(await find()).toMatchObject({ heldUntil: null, crashes: 0 });
  await fanOut();
  expect(await made()).toBe(1);
});
