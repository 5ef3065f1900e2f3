import { type AddressState, settleAddresses } from "./addressed-notification.js";
import type { NotificationStatus } from "./notification.js";

const addresses = (...statuses: NotificationStatus[]): AddressState[] =>
  statuses.map((status, position) => ({
    position,
    status,
    attempts: 1,
    nextAttemptAt: null,
    lastOutcome: null,
    errorCode: status === "UNDELIVERED" || status === "FAILED" ? `CODE_${position}` : null,
    errorDetail: null,
  }));

const settled = (...statuses: NotificationStatus[]) => settleAddresses(addresses(...statuses), false);

test.each([
  ["one accepted address is enough", ["UNDELIVERED", "SENT", "QUEUED"], "SENT", null],
  ["an address still queued keeps it queued", ["UNDELIVERED", "QUEUED"], "QUEUED", "CODE_0"],
  ["every address dead is undelivered", ["UNDELIVERED", "UNDELIVERED"], "UNDELIVERED", "CODE_1"],
  ["a rejected address among dead ones is a failure", ["UNDELIVERED", "FAILED"], "FAILED", "CODE_1"],
] as const)("%s", (_title, statuses, status, errorCode) => {
  expect(settled(...statuses)).toMatchObject({ status, errorCode });
});

test("a fallback begins when what was tried before it has failed, one at a time", () => {
  const state = settled("UNDELIVERED", "SCHEDULED", "SCHEDULED");
  expect(state).toMatchObject({ status: "QUEUED", begin: 1 });
  expect(state.addresses.map(({ status }) => status)).toEqual(["UNDELIVERED", "QUEUED", "SCHEDULED"]);
});

test("no fallback begins when an earlier address may have been delivered to", () => {
  const [first, second] = addresses("FAILED", "SCHEDULED") as [AddressState, AddressState];
  const state = settleAddresses([{ ...first, lastOutcome: "UNKNOWN" }, second], false);
  expect(state).toMatchObject({ status: "FAILED", begin: undefined });
  expect(state.addresses.map(({ status }) => status)).toEqual(["FAILED", "CANCELED"]);
});

test("no fallback begins when the worker that held an earlier address died, and its app wants nothing sent twice", () => {
  const [first, second] = addresses("FAILED", "SCHEDULED") as [AddressState, AddressState];
  const state = settleAddresses([{ ...first, errorCode: "OUTCOME_UNKNOWN" }, second], false);
  expect(state).toMatchObject({ status: "FAILED", begin: undefined });
});

test("once an address accepted it no fallback is needed", () => {
  const state = settled("SENT", "SCHEDULED");
  expect(state.begin).toBeUndefined();
  expect(state.addresses.map(({ status }) => status)).toEqual(["SENT", "CANCELED"]);
});

test("a canceled operation begins no fallback, and what is in flight may still be accepted", () => {
  expect(settleAddresses(addresses("UNDELIVERED", "SCHEDULED"), true)).toMatchObject({ status: "CANCELED" });
  expect(settleAddresses(addresses("QUEUED", "CANCELED"), true)).toMatchObject({ status: "QUEUED" });
  expect(settleAddresses(addresses("SENT", "CANCELED"), true)).toMatchObject({ status: "SENT" });
});

test("the next attempt is the earliest of those that wait", () => {
  const [first, second] = addresses("QUEUED", "QUEUED") as [AddressState, AddressState];
  const state = settleAddresses(
    [
      { ...first, nextAttemptAt: new Date(2_000) },
      { ...second, nextAttemptAt: new Date(1_000) },
    ],
    false,
  );
  expect(state.nextAttemptAt).toEqual(new Date(1_000));
});
