import { createEnqueueStored } from "./enqueue-stored.js";
import { QueueFullError } from "./queue-room.js";

const batch = (batchId: string) => ({ batchId, recipients: 1, depth: 1 });

function enqueueInto(add: (batchId: string) => Promise<void>) {
  const made: string[][] = [];
  const errors: unknown[] = [];
  const producer = {
    add: ({ batchId }: { batchId: string }) => add(batchId),
    free: async () => 0,
    close: async () => {},
  };
  const enqueue = createEnqueueStored(producer, {
    onLeft: async (left) => void made.push(left.map(({ id }) => id)),
    onError: (error) => errors.push(error),
  });
  return { enqueue, made, errors };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 10));

test("what a full queue does not take is due for the dispatcher at once, in one statement, and is no error", async () => {
  const { enqueue, made, errors } = enqueueInto(async (id) => {
    if (id !== "b") throw new QueueFullError("full");
  });
  for (const id of ["a", "b", "c"]) enqueue(batch(id));
  await settled();
  expect(made).toEqual([["a", "c"]]);
  expect(errors).toEqual([]);
  enqueue(batch("d"));
  await settled();
  expect(made).toEqual([["a", "c"], ["d"]]);
});

test("so is what could not be enqueued because the queue is away, which is told", async () => {
  const { enqueue, made, errors } = enqueueInto(async () => {
    throw new Error("away");
  });
  enqueue(batch("a"));
  await settled();
  expect(made).toEqual([["a"]]);
  expect(errors).toEqual([new Error("away")]);
});
