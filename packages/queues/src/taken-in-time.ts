import { within } from "./within.js";

/** How long a queue may take to add jobs before its callers are told that it did not, in milliseconds. */
const ADD_TIMEOUT_MS = 3_000;

/** Rejects when the queue does not take jobs in time. What comes after that is let be: a job that was added after all is harmless. */
export const takenInTime = (added: Promise<unknown>): Promise<unknown> =>
  within(added, ADD_TIMEOUT_MS, `The queue did not take the jobs within ${ADD_TIMEOUT_MS} ms.`);
