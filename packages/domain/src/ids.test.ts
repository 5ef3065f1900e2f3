import {
  accountUuid,
  formatAttemptId,
  formatId,
  mintOperationId,
  mintRowId,
  notificationUlids,
  notificationUuid,
  parseId,
  splitNotificationUuid,
  ulidOf,
} from "./ids.js";

const operationUuid = mintOperationId();

describe("ids", () => {
  test("an operation's id ends in 24 zero bits and begins with its time", () => {
    const uuid = mintOperationId(0x0123_4567_89ab);
    expect(uuid).toMatch(/^01234567-89ab-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{6}000000$/);
    expect(mintOperationId()).not.toBe(mintOperationId());
  });

  test("an id that was formatted is parsed back, in either case, with or without its prefix", () => {
    const id = formatId("operation", operationUuid);
    expect(id).toMatch(/^comms_operation_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
    expect(parseId("operation", id)).toBe(operationUuid);
    expect(parseId("operation", id.toUpperCase())).toBe(operationUuid);
    expect(parseId("operation", ulidOf(operationUuid))).toBe(operationUuid);
  });

  test("a notification's id is accepted as the reference API spells it", () => {
    const uuid = notificationUuid(operationUuid, 5);
    expect(parseId("notification", `comms_pushnotification_${ulidOf(uuid)}`)).toBe(uuid);
  });

  test("an operation's id that Fanfare never minted, since its last bits are not zero, is an id nonetheless", () => {
    expect(parseId("operation", "comms_operation_01h2xcejqtf2nbrexx3vqjhp41")).toMatch(/[^0]{2}$/);
  });

  test.each([
    ["of another kind", "operation", "comms_notification_01h2xcejqtf2nbrexx3vqjg000"],
    ["too short", "operation", "comms_operation_01h2xcejqtf2nbrexx3vqjg00"],
    ["too large for 128 bits", "operation", "comms_operation_81h2xcejqtf2nbrexx3vqjg000"],
    ["with a letter outside Crockford's alphabet", "operation", "comms_operation_01h2xcejqtf2nbrexx3vqjg0u0"],
    ["empty", "notification", ""],
  ] as const)("an id %s is refused", (_what, kind, id) => {
    expect(parseId(kind, id)).toBeUndefined();
  });

  test.each([1, 31, 32, 1_000, 10_000, 2 ** 20 - 1, 2 ** 20, 2 ** 24 - 1])(
    "ordinal %d is the difference between a notification's id and its operation's",
    (ordinal) => {
      const uuid = notificationUuid(operationUuid, ordinal);
      expect(splitNotificationUuid(uuid)).toEqual({ operationUuid, ordinal });
      expect(notificationUlids(operationUuid)(ordinal)).toBe(ulidOf(uuid));
    },
  );

  test("the short way to a notification's ULID is right whatever the bit beside the ordinal is", () => {
    for (const digit of "0123456789abcdef") {
      const uuid = operationUuid.replace(/.000000$/, `${digit}000000`);
      expect(notificationUlids(uuid)(123_456)).toBe(ulidOf(notificationUuid(uuid, 123_456)));
    }
  });

  test("ids of notifications sort in the order of the request", () => {
    const ulid = notificationUlids(operationUuid);
    const ulids = Array.from({ length: 3_000 }, (_, index) => ulid(index + 1));
    expect([...ulids].sort()).toEqual(ulids);
  });

  test("ids of rows grow with time", () => {
    const ids = Array.from({ length: 1_000 }, mintRowId);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(1_000);
  });

  test("an attempt's id names its notification and its number", () => {
    const uuid = notificationUuid(operationUuid, 7);
    expect(formatAttemptId(uuid, 3)).toBe(`comms_attempt_${ulidOf(uuid)}_3`);
  });

  test("an account's UUID has the digits of its id", () => {
    expect(accountUuid("AC0123456789abcdef0123456789abcdef")).toBe("01234567-89ab-cdef-0123-456789abcdef");
  });
});
