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

test.each([
  "READONLY You can't write against a read only replica. script: 5f, on @user_script:1.",
  "ERR Error running script (call to f_5f): @user_script:1: -READONLY You can't write against a read only replica.",
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
])("%j is of one kind with every other answer of a replica", (message) => {
  expect(queueKind(new Error(message))).toBe("read-only");
});

test.each([
  "NOPERM this user has no permissions to run the 'evalsha' command",
  "NOAUTH Authentication required.",
  "WRONGPASS invalid username-password pair or user is disabled.",
  "ERR The user executing the script can't run this command or subcommand script: 57, on @user_script:129.",
])("%j is of one kind with all that is not permitted", (message) => {
  expect(queueKind(new Error(message))).toBe("not permitted");
});

test("what else Redis answers is another matter", () => {
  expect(queueKind(new Error("OOM command not allowed when used memory > 'maxmemory'."))).toBeUndefined();
});
