import type { OperationResource } from "@fanfare/domain";
import { ApiError } from "./api-error.js";
import { describeUnsent, watchOperation } from "./watch-operation.js";

const NONE = {
  ...{
    total: 2,
    recipients: 2,
    attempts: 2,
    unaddressable: 0,
    scheduled: 0,
    queued: 0,
    sent: 0,
    delivered: 0,
    read: 0,
  },
  ...{ undelivered: 0, failed: 0, canceled: 0 },
};

function operation(stats: Partial<OperationResource["stats"]>, status: OperationResource["status"] = "COMPLETED") {
  const times = { scheduledFor: null, createdAt: "", updatedAt: "", completedAt: null };
  return { id: "op", status, stats: { ...NONE, ...stats }, tags: {}, ...times } satisfies OperationResource;
}

test.each([{ sent: 2 }, { sent: 1, delivered: 1 }, { read: 2 }])("all of it was sent: %j", (stats) => {
  expect(describeUnsent(operation(stats))).toBeUndefined();
});

test.each([
  ["Not everything was sent: 1 of 2 sent, 1 failed.", operation({ sent: 1, failed: 1 })],
  ["Not everything was sent: 0 of 2 sent, 2 undelivered.", operation({ undelivered: 2 })],
  ["The operation was canceled: 1 of 2 sent, 1 canceled.", operation({ sent: 1, canceled: 1 }, "CANCELED")],
  ["Not everything was sent: 1 of 2 sent, 1 unaddressable.", operation({ sent: 1, total: 1, unaddressable: 1 })],
  ["Not everything was sent: 0 of 2 sent, 2 unaddressable.", operation({ total: 0, unaddressable: 2 })],
])("what was not sent is said: %s", (sentence, unsent) => {
  expect(describeUnsent(unsent)).toContain(sentence);
});

/** An API that is away for so many calls. */
function awayFor(calls: number, error = new ApiError("It is away.", { retryable: true, retryAfterMs: 1 })) {
  let asked = 0;
  return {
    operation: async () => {
      if (++asked <= calls) throw error;
      return operation({ sent: 2 });
    },
  };
}

test("an API that is away for a moment is asked again, and it is said once", async () => {
  const told: string[] = [];
  const watched = await watchOperation(awayFor(3), "op", { onAway: (problem) => told.push(problem) });
  expect(watched.status).toBe("COMPLETED");
  expect(told).toEqual(["It is away. Trying again, for 30 s at most."]);
});

test("an API that stays away, or refuses, ends the watch", async () => {
  await expect(watchOperation(awayFor(Number.POSITIVE_INFINITY), "op", { awayMs: 20 })).rejects.toThrow("It is away.");
  await expect(watchOperation(awayFor(1, new ApiError("404")), "op")).rejects.toThrow("404");
});
