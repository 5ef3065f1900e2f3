import { setImmediate } from "node:timers/promises";
import { acceptOperation, connectDb, type Db, holdRecipientBatches } from "@fanfare/db";
import { decodeLines, mintRowId, type PushMessage } from "@fanfare/domain";
import { createRenderer, type Renderer } from "@fanfare/templates";
import { aMessage, createTestDatabase, type TestDatabase, until } from "@fanfare/testkit";
import { createFanOut } from "../src/fan-out-batches.js";

/** Takes forever for whom `n` is large. */
const LOOP = "{% for i in (1..n) %}{% for j in (1..n) %}{% endfor %}{% endfor %}Hi";
const SLOW = { n: 100_000 };
const QUICK = { n: 1 };

/** For a line of many texts each of which is quick enough for itself. */
const SLOW_ALTOGETHER = { n: 150 };

const MANY_TEXTS: Partial<PushMessage> = {
  content: { title: LOOP, data: Object.fromEntries(Array.from({ length: 60 }, (_, key) => [`k${key}`, LOOP])) },
};

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase();
  db = connectDb(database.url);
});
afterAll(async () => {
  await db.$disconnect();
  await database.drop();
});

/** An operation of recipients with such variables, and what fans it out. */
async function anOperation(variables: readonly object[], message: Partial<PushMessage> = { content: { title: LOOP } }) {
  const recipients = variables.map((own, index) => ({
    provider: "FCM" as const,
    token: `t${index}`,
    variables: { ...own },
  }));
  const accepted = await acceptOperation(db, {
    ...{ accountId: mintRowId(), message: aMessage(message), tags: {}, recipients },
  });
  if (accepted.kind !== "accepted") throw new Error(accepted.kind);
  const ids = accepted.batches.map(({ id }) => id);
  const where = { operationId: accepted.id };
  return {
    ids,
    find: () => db.recipientBatch.findFirst({ where }),
    failed: () => db.notification.findMany({ where, orderBy: { ordinal: "asc" } }),
    async sent() {
      const batches = await db.deliveryBatch.findMany({ where });
      return batches.flatMap(({ lines }) => decodeLines(lines).map(({ ordinal }) => ordinal));
    },
  };
}

function aFanOut({ renderer = createRenderer(), holdMs = 60_000, stopping = new AbortController().signal } = {}) {
  const failures: unknown[] = [];
  let prepared = 0;
  const fanOut = createFanOut({
    ...{ db, renderer, enqueue: () => undefined, holdMs, stopping },
    ...{ log: { info: () => undefined, warn: () => undefined, error: () => undefined }, onPrepared: () => prepared++ },
    onError: (error) => failures.push(error),
  });
  return { fanOut, failures, prepared: () => prepared };
}

/** A renderer that has each line wait for so long, as one at its limit would. */
function aSlowRenderer(lineMs: number): Renderer {
  const { forBatch } = createRenderer();
  return {
    forBatch() {
      const renderLine = forBatch();
      return (variables, make) => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lineMs);
        return renderLine(variables, make);
      };
    },
  };
}

test("a line that can not be prepared in its time fails alone, however many texts it has", async () => {
  const operation = await anOperation([QUICK, SLOW_ALTOGETHER, QUICK], MANY_TEXTS);
  await aFanOut().fanOut(operation.ids);
  expect(await operation.failed()).toMatchObject([
    {
      ...{ ordinal: 2, status: "FAILED", errorCode: "RENDER_ERROR" },
      errorDetail: expect.stringContaining("The template takes too long to render"),
    },
  ]);
  expect(await operation.sent()).toEqual([1, 3]);
});

test("a batch of lines that all use up their time ends soon, and the quick ones among them are sent", async () => {
  const variables = Array.from({ length: 300 }, (_, index) => (index % 100 === 99 ? QUICK : SLOW));
  const operation = await anOperation(variables);
  const before = process.cpuUsage();
  await aFanOut().fanOut(operation.ids);
  const { user, system } = process.cpuUsage(before);
  // At 50 ms, twice, it would be 30 s.
  expect((user + system) / 1_000).toBeLessThan(15_000);
  expect(await operation.failed()).toHaveLength(297);
  expect(await operation.sent()).toHaveLength(3);
});

test("another batch gets on beside one of slow lines, and so does all else in the process", async () => {
  const slow = await anOperation(Array.from({ length: 100 }, () => SLOW));
  const quick = await anOperation(Array.from({ length: 100 }, () => QUICK));
  const { fanOut, prepared } = aFanOut();
  let isDone = false;
  const slowIsDone = fanOut(slow.ids).then(() => {
    isDone = true;
  });
  await until(() => prepared() > 0);
  await fanOut(quick.ids);
  expect(isDone).toBe(false);
  // In CPU time: for how long a busy machine keeps the process itself waiting is not its doing.
  let longestMs = 0;
  let last = process.cpuUsage();
  while (!isDone) {
    await setImmediate();
    const { user, system } = process.cpuUsage(last);
    longestMs = Math.max(longestMs, (user + system) / 1_000);
    last = process.cpuUsage();
  }
  await slowIsDone;
  expect(longestMs).toBeLessThan(1_000);
  expect(await quick.sent()).toHaveLength(100);
});

test("a batch that takes longer than its hold is not taken for a dead worker's", async () => {
  const holdMs = 1_000;
  const operation = await anOperation(
    Array.from({ length: 200 }, () => QUICK),
    { content: { title: LOOP } },
  );
  const { fanOut, prepared, failures } = aFanOut({ holdMs, renderer: aSlowRenderer(20) });
  const fannedOut = fanOut(operation.ids);
  await until(() => prepared() >= 100);
  expect(await holdRecipientBatches(db, operation.ids, holdMs)).toEqual([]);
  expect(await operation.find()).toMatchObject({ crashes: 0 });
  await fannedOut;
  expect(failures).toEqual([]);
  expect(await operation.sent()).toHaveLength(200);
});

test("a stop does not wait for a batch of slow lines: it is given back, due at once, and no worker died", async () => {
  const operation = await anOperation(Array.from({ length: 500 }, () => SLOW));
  const stop = new AbortController();
  const { fanOut, prepared, failures } = aFanOut({ stopping: stop.signal });
  const fannedOut = fanOut(operation.ids);
  await until(() => prepared() > 0);
  stop.abort();
  await fannedOut;
  expect(prepared()).toBeLessThan(500);
  expect(failures).toEqual([]);
  expect(await operation.find()).toMatchObject({ heldUntil: null, crashes: 0 });
  expect(await operation.sent()).toEqual([]);
});
