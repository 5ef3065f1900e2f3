import type { DueBatch } from "@fanfare/db";
import { createEnqueueDue, type DispatchQueue } from "./enqueue-due.js";

const batch = (id: string): DueBatch => ({ id, recipients: 1, depth: 1 });

/** A queue that takes a batch when `takes` says so. */
function aQueue(takes: (id: string) => boolean): DispatchQueue & { added: string[] } {
  const added: string[] = [];
  return {
    added,
    producer: {
      async add({ batchId }) {
        if (!takes(batchId)) throw new Error("the queue is away");
        added.push(batchId);
      },
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
    async giveBack(returned: readonly string[]) {
      if (source.databaseIsAway) throw new Error("the database is away");
      due.push(...returned.map(batch));
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
