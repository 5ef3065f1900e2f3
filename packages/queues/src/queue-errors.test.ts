import { queueKind } from "./queue-errors.js";

test.each([
  'Reached the max retries per request limit (which is 1). Refer to "maxRetriesPerRequest" option for details.',
  "Connection is closed.",
  "Socket timeout. Expecting data, but didn't receive any in 5000ms.",
  "The queue did not take the jobs within 5000 ms.",
  "The queue did not answer within 3000 ms.",
])("%j is of one kind with every other sign of a queue that is away", (message) => {
  expect(queueKind(new Error(message))).toBe("unreachable");
});

test("what Redis answers is another matter", () => {
  expect(queueKind(new Error("OOM command not allowed when used memory > 'maxmemory'."))).toBeUndefined();
});
