import type { DueBatch, LeftBatch } from "@fanfare/db";
import { LANES, type Lane } from "@fanfare/domain";
import { QueueFullError } from "@fanfare/queues";
import { createEnqueueDue, type DispatchQueue } from "./enqueue-due.js";

const batch = (id: string): DueBatch => ({ id, lane: 0, recipients: 1, depth: 1, dueAt: new Date() });

/** A queue that takes a batch when `takes` says so. */
function aQueue(
  takes: (id: string) => boolean,
  free: (lane: Lane, added: number) => number = () => 1_000,
): DispatchQueue & { added: string[] } {
  const added: string[] = [];
  return {
    added,
    producer: {
      async add({ batchId }) {
        if (!takes(batchId)) throw new Error("the queue is away");
        added.push(batchId);
      },
      free: async (lane) => free(lane, added.length),
      close: async () => undefined,
    },
    counts: async () => ({ waiting: 1, active: 0 }),
    isMarked: async () => true,
    mark: async () => undefined,
  };
}

/** Batches that are due until they are claimed. */
function aSource(ids: readonly string[]) {
  let due = ids.map(batch);
  const source = {
    databaseIsAway: false,
    async claim() {
      const claimed = due;
      due = [];
      return claimed;
    },
    async giveBack(returned: readonly LeftBatch[]) {
      if (source.databaseIsAway) throw new Error("the database is away");
      due.push(...returned.map(({ id }) => batch(id)));
    },
    makeAllDue: async () => undefined,
  };
  return source;
}

test("what was claimed and could not be enqueued is due again at once, and only that", async () => {
  let isAway = true;
  const queue = aQueue((id) => id !== "b" || !isAway);
  const enqueueDue = createEnqueueDue(queue, aSource(["a", "b", "c"]));
  await expect(enqueueDue()).rejects.toThrow("the queue is away");
  expect(queue.added).toEqual(["a", "c"]);
  isAway = false;
  await enqueueDue();
  expect(queue.added).toEqual(["a", "c", "b"]);
});

test("with the database away as well it is made due at the next sweep", async () => {
  let isAway = true;
  const queue = aQueue(() => !isAway);
  const source = aSource(["a"]);
  const enqueueDue = createEnqueueDue(queue, source);
  source.databaseIsAway = true;
  for (let sweeps = 0; sweeps < 2; sweeps++) await expect(enqueueDue()).rejects.toThrow("the database is away");
  isAway = false;
  source.databaseIsAway = false;
  await enqueueDue();
  expect(queue.added).toEqual(["a"]);
});

test("a queue is topped up to its room, the first lanes first, and the rest stays due", async () => {
  const asked: { lane: Lane; limit: number }[] = [];
  const rest: Record<Lane, number> = { 0: 2, 1: 100, 2: 100 };
  const bounds: Record<Lane, number> = { 0: 20, 1: 15, 2: 10 };
  const queue = aQueue(
    () => true,
    (lane, added) => Math.max(0, bounds[lane] - added),
  );
  const enqueueDue = createEnqueueDue(queue, {
    async claim({ lane, limit }) {
      asked.push({ lane, limit });
      const count = Math.min(limit, rest[lane]);
      rest[lane] -= count;
      return Array.from({ length: count }, (_, index) => batch(`${lane} ${index}`));
    },
    giveBack: async () => undefined,
    makeAllDue: async () => undefined,
  });
  await enqueueDue();
  expect(asked).toEqual([
    { lane: 0, limit: 20 },
    { lane: 1, limit: 13 },
  ]);
  expect(LANES.map((lane) => rest[lane])).toEqual([0, 87, 100]);
  await enqueueDue();
  expect(queue.added).toHaveLength(15);
});

test("what a queue has no room for after all is due again, and that is no error", async () => {
  let isFull = true;
  const queue = aQueue(() => true);
  const { add } = queue.producer;
  queue.producer.add = async (one) => {
    if (isFull && one.batchId === "b") throw new QueueFullError("full");
    await add(one);
  };
  const enqueueDue = createEnqueueDue(queue, aSource(["a", "b"]));
  await enqueueDue();
  expect(queue.added).toEqual(["a"]);
  isFull = false;
  await enqueueDue();
  expect(queue.added).toEqual(["a", "b"]);
});

test("a lane is left for this time once the queue has no room for what was claimed of it", async () => {
  let claims = 0;
  const queue = aQueue(() => true);
  queue.producer.add = async () => {
    throw new QueueFullError("full");
  };
  const returned: LeftBatch[] = [];
  const enqueueDue = createEnqueueDue(queue, {
    claim: async ({ limit }) => Array.from({ length: limit }, () => batch(String(claims++))),
    giveBack: async (left) => void returned.push(...left),
    makeAllDue: async () => undefined,
  });
  await enqueueDue();
  expect(claims).toBe(3_000);
  expect(returned).toHaveLength(3_000);
});

test("the queue is told where a batch has waited, whatever its depth says, for it has its turn", async () => {
  const queue = aQueue(() => true);
  const told: object[] = [];
  queue.producer.add = async (one) => void told.push(one);
  const deep = { ...batch("a"), lane: 1 as const, recipients: 7, depth: 20_000 };
  const enqueueDue = createEnqueueDue(queue, {
    claim: async ({ lane }) => (lane === deep.lane ? [deep] : []),
    giveBack: async () => undefined,
    makeAllDue: async () => undefined,
  });
  await enqueueDue();
  expect(told).toEqual([{ batchId: "a", lane: 1, recipients: 7, depth: 20_000 }]);
});
