import type { NotificationStatus } from "./notification.js";
import { TRANSITIONS } from "./notification-state.js";
import { applyToStats, brokenIdentity, initialStats, recountStats, type Stats } from "./stats.js";

// A linear congruential generator: the walk is the same in every run.
function seededRandom(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe("stats", () => {
  test("an operation begins with every recipient queued", () => {
    expect(initialStats(3)).toMatchObject({ total: 3, recipients: 3, queued: 3, attempts: 0, sent: 0 });
  });

  test("both identities hold after every event, and the fold equals a recount of the rows", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = seededRandom(seed);
      const rows = new Map<number, NotificationStatus>();
      const recipients = 20;
      let unaddressable = 0;
      let attempts = 0;
      let stats: Stats = initialStats(recipients);
      for (let step = 0; step < 200; step++) {
        const ordinal = Math.floor(random() * (recipients - unaddressable));
        const from = rows.get(ordinal) ?? "QUEUED";
        const targets = TRANSITIONS[from];
        const to = targets[Math.floor(random() * targets.length)];
        if (to) {
          stats = applyToStats(applyToStats(stats, { kind: "attempted" }), { kind: "moved", from, to });
          rows.set(ordinal, to);
          attempts++;
        }
        if (step % 50 === 49 && !rows.has(recipients - unaddressable - 1)) {
          stats = applyToStats(stats, { kind: "found-unaddressable", from: "QUEUED" });
          unaddressable++;
        }
        expect(brokenIdentity(stats)).toBeUndefined();
      }
      const counted: Partial<Record<NotificationStatus, number>> = {};
      for (const status of rows.values()) counted[status] = (counted[status] ?? 0) + 1;
      const withoutRow = recipients - unaddressable - rows.size;
      expect(recountStats({ recipients, unaddressable, attempts, rows: counted, withoutRow })).toEqual(stats);
    }
  });

  test("a move that the state machine does not know is refused", () => {
    expect(() => applyToStats(initialStats(1), { kind: "moved", from: "SENT", to: "QUEUED" })).toThrow(
      "SENT to QUEUED",
    );
  });

  test("a counter never falls below zero", () => {
    expect(() => applyToStats(initialStats(1), { kind: "moved", from: "SENT", to: "DELIVERED" })).toThrow("below zero");
  });

  test("a broken identity is named", () => {
    expect(brokenIdentity({ ...initialStats(2), sent: 1 })).toBe("total is 2, but the statuses add up to 3");
    expect(brokenIdentity({ ...initialStats(2), unaddressable: 1 })).toBe(
      "recipients is 2, but total + unaddressable is 3",
    );
  });
});
