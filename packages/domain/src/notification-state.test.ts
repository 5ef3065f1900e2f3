import type { DeliveryOutcome } from "./delivery-outcome.js";
import { decide, mayMove, TRANSITIONS } from "./notification-state.js";
import { DEFAULT_RETRY_POLICY } from "./retry-policy.js";

const now = new Date("2026-01-01T00:00:00Z");
const context = {
  attemptNumber: 1,
  now,
  expiresAt: new Date("2026-01-02T00:00:00Z"),
  policy: DEFAULT_RETRY_POLICY,
  random: () => 0.5,
};

describe("decide", () => {
  test.each<[DeliveryOutcome, string, string | undefined]>([
    [{ kind: "accepted", providerMessageId: "m" }, "SENT", undefined],
    [{ kind: "rejected", blame: "token", code: "Unregistered" }, "UNDELIVERED", "Unregistered"],
    [{ kind: "rejected", blame: "request", code: "PayloadEmpty" }, "FAILED", "PayloadEmpty"],
    [{ kind: "rejected", blame: "credential", code: "Forbidden" }, "QUEUED", "Forbidden"],
    [{ kind: "retry", code: "UNAVAILABLE" }, "QUEUED", "UNAVAILABLE"],
    [{ kind: "unknown", code: "TIMEOUT" }, "QUEUED", "TIMEOUT"],
  ])("outcome %j leaves the notification %s", (outcome, status, errorCode) => {
    const decision = decide(outcome, context);
    expect(decision.status).toBe(status);
    expect(decision.errorCode).toBe(errorCode);
    expect(decision.nextAttemptAt !== undefined).toBe(status === "QUEUED");
    expect(mayMove("QUEUED", decision.status)).toBe(true);
  });

  test("a retry is never sooner than the provider asked for", () => {
    const decision = decide({ kind: "retry", code: "QUOTA_EXCEEDED", retryAfterMs: 60_000 }, context);
    expect(decision.nextAttemptAt?.getTime()).toBeGreaterThanOrEqual(now.getTime() + 60_000);
  });

  test("the last attempt that the policy allows is followed by none", () => {
    const last = { ...context, attemptNumber: DEFAULT_RETRY_POLICY.maxAttempts };
    expect(decide({ kind: "retry", code: "UNAVAILABLE" }, last)).toEqual({
      status: "FAILED",
      errorCode: "UNAVAILABLE",
    });
  });

  test("a retry that would come after the TTL is not made: the notification is EXPIRED", () => {
    const soon = { ...context, expiresAt: new Date(now.getTime() + 100) };
    expect(decide({ kind: "retry", code: "UNAVAILABLE" }, soon)).toEqual({
      status: "UNDELIVERED",
      errorCode: "EXPIRED",
    });
  });
});

test("a notification that reached a terminal status never leaves it", () => {
  for (const status of ["READ", "UNDELIVERED", "FAILED", "CANCELED"] as const) expect(TRANSITIONS[status]).toEqual([]);
});
