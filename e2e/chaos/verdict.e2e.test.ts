import { initialStats } from "@fanfare/domain";
import { canLoseLeases } from "./can-lose-leases.js";
import { checkRecipient, type RecipientEvidence, type RecordedAttempt } from "./check-recipient.js";
import { makePlan } from "./plan.js";
import { createRandom } from "./random.js";
import { ownerOf, planSends } from "./sends.js";
import { contradiction } from "./stats-watch.js";

const recipient = { provider: "FCM", token: "t" } as const;
const attempt = (number: number, outcome: string, mayRepeat = false): RecordedAttempt => {
  return { number, outcome, mayRepeat, position: null };
};
const evidence = (accepted: number, attempts: RecordedAttempt[], fields: Partial<RecipientEvidence> = {}) => ({
  ...{ recipient, attempts, notification: { status: "SENT", attempts: attempts.length } },
  ...{ isCanceled: false, wasTakenOver: false, interruptions: 1 },
  tokens: new Map([["FCM t", { calls: accepted, accepted }]]),
  ...fields,
});
const ofDeadToken = (status: string): Partial<RecipientEvidence> => ({
  ...{ recipient: { provider: "FCM", token: "dead-t" }, notification: { status, attempts: 2 } },
  tokens: new Map([["FCM dead-t", { calls: 2, accepted: 1 }]]),
});
const kinds = (given: RecipientEvidence) => checkRecipient(given).findings.map(({ kind }) => kind);

test.each<[string, RecipientEvidence, string[]]>([
  ["a push that arrived once is as it should be", evidence(1, [attempt(1, "ACCEPTED")]), []],
  ["SENT without an acceptance is lost", evidence(0, []), ["lost"]],
  ["two acceptances and no word of it are unexplained", evidence(2, [attempt(1, "ACCEPTED")]), ["unexplained"]],
  ["an attempt without an answer explains", evidence(2, [attempt(1, "UNKNOWN"), attempt(2, "ACCEPTED", true)]), []],
  ["a take-over explains", evidence(2, [attempt(1, "ACCEPTED", true)]), []],
  [
    "what may be a repetition stays one while it is told to come back: one take-over",
    evidence(1, [attempt(1, "RETRY", true), attempt(2, "RETRY", true), attempt(3, "ACCEPTED", true)]),
    [],
  ],
  [
    "a take-over without an interruption is one too many",
    evidence(1, [attempt(1, "ACCEPTED", true)], { interruptions: 0 }),
    ["chain"],
  ],
  [
    "an attempt that is counted and not on record is miscounted",
    evidence(1, [attempt(1, "ACCEPTED")], { notification: { status: "SENT", attempts: 2 } }),
    ["miscounted"],
  ],
  [
    "an acceptance on record that the provider knows nothing of is miscounted",
    evidence(1, [attempt(1, "ACCEPTED"), attempt(2, "ACCEPTED")]),
    ["miscounted"],
  ],
  [
    "FAILED is wrong for a token that nothing is wrong with",
    evidence(0, [attempt(1, "REJECTED")], { notification: { status: "FAILED", attempts: 1 } }),
    ["failed"],
  ],
  [
    "a dead token that was accepted once without an answer, and then refused, is UNDELIVERED",
    evidence(1, [attempt(1, "UNKNOWN"), attempt(2, "REJECTED", true)], ofDeadToken("UNDELIVERED")),
    [],
  ],
  [
    "SENT is wrong for a dead token without an acceptance on record",
    evidence(1, [attempt(1, "UNKNOWN"), attempt(2, "REJECTED", true)], ofDeadToken("SENT")),
    ["failed"],
  ],
])("the oracle: %s", (_title, given, expected) => {
  expect(kinds(given)).toEqual(expected);
});

const seen = (status: string, fields: object) => ({
  status,
  stats: { ...initialStats(2), ...fields },
});

test.each([
  ["counters that do not add up", undefined, seen("PROCESSING", { sent: 1 })],
  ["a counter that goes back", seen("PROCESSING", { attempts: 2 }), seen("PROCESSING", { attempts: 1 })],
  ["work that grows", seen("PROCESSING", { queued: 1, sent: 1 }), seen("PROCESSING", {})],
  ["an ended operation that moves", seen("COMPLETED", { queued: 0, sent: 2 }), seen("PROCESSING", {})],
])("a poll is contradicted by %s", (_what, earlier, now) => {
  expect(contradiction(earlier, now)).toBeDefined();
});

test("the other addresses of an ended operation may still be tried", () => {
  const ended = { queued: 0, sent: 2 };
  expect(contradiction(seen("COMPLETED", ended), seen("COMPLETED", { ...ended, attempts: 1 }))).toBeUndefined();
});

test("a seed decides the whole plan, and another one decides otherwise", () => {
  const options = { backend: "redis", windowMs: 20_000 } as const;
  expect(makePlan({ ...options, seed: 7 })).toEqual(makePlan({ ...options, seed: 7 }));
  expect(makePlan({ ...options, seed: 7 })).not.toEqual(makePlan({ ...options, seed: 8 }));
});

test("a gentle seed has no fault after which a delivery worker may lose a lease", () => {
  for (let seed = 0; seed < 200; seed += 4) {
    const { gentle, faults } = makePlan({ seed, backend: "postgres", windowMs: 60_000 });
    expect(gentle).toBe(true);
    expect(faults.filter(canLoseLeases)).toEqual([]);
  }
});

test("planned sends have exactly the recipients asked for, and every token leads back to its recipient", () => {
  const sends = planSends(createRandom(1), { recipients: 5_000, windowMs: 1_000 });
  expect(sends.reduce((sum, { to }) => sum + to.length, 0)).toBe(5_000);
  for (const { number, to } of sends) {
    for (const [index, planned] of to.entries()) {
      const addresses = "addresses" in planned ? planned.addresses : [planned];
      for (const [position, { token }] of addresses.entries()) {
        expect(ownerOf(token)).toEqual({ send: number, ordinal: index + 1, position });
      }
    }
  }
});
