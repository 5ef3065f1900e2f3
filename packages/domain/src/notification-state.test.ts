import type { DeliveryOutcome } from "./delivery-outcome.js";
import { decide, mayMove, TRANSITIONS } from "./notification-state.js";
import { DEFAULT_RETRY_POLICY } from "./retry-policy.js";

const now = new Date("2026-01-01T00:00:00Z");
const context = {
  attemptNumber: 1,
  firstAttemptAt: now,
  now,
  mayRepeat: false,
  onUnknown: "resend" as const,
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

  test("a provider whose rule is to wait 10 seconds is not come back to sooner, and twice as late the second time", () => {
    const dice = { ...context, random: () => 0 };
    for (const outcome of [
      { kind: "retry", code: "UNAVAILABLE", backoffMs: 10_000 },
      { kind: "unknown", code: "TIMEOUT", backoffMs: 10_000 },
    ] as const) {
      const after = (attemptNumber: number) => decide(outcome, { ...dice, attemptNumber }).nextAttemptAt?.getTime();
      expect(after(1)).toBe(now.getTime() + 10_000);
      expect(after(2)).toBe(now.getTime() + 20_000);
    }
  });

  test("by a provider's rule too no attempt is made later than an hour after the first one", () => {
    const outcome = { kind: "retry", code: "UNAVAILABLE", backoffMs: 10_000 } as const;
    for (const dice of [0, 0.5, 1]) {
      let at = now;
      let attempts = 1;
      for (;;) {
        const decision = decide(outcome, { ...context, attemptNumber: attempts, now: at, random: () => dice });
        if (!decision.nextAttemptAt) break;
        at = decision.nextAttemptAt;
        attempts++;
      }
      expect(at.getTime() - now.getTime()).toBeLessThanOrEqual(3_600_000);
      expect(attempts).toBe(dice === 1 ? 10 : 12);
    }
  });

  test.each([Number.POSITIVE_INFINITY, 1e300, 1e20, Number.NaN])(
    "a provider that asks for %s ms makes no invalid date",
    (retryAfterMs) => {
      const refused = { kind: "rejected", blame: "credential", code: "Forbidden" } as const;
      const { nextAttemptAt } = decide({ ...refused, retryAfterMs }, context);
      expect(nextAttemptAt?.getTime()).toBeLessThanOrEqual(now.getTime() + 3_600_000 + 1_000);
      for (const outcome of [
        { kind: "retry", code: "UNAVAILABLE", retryAfterMs },
        { kind: "retry", code: "UNAVAILABLE", backoffMs: retryAfterMs },
        { kind: "unknown", code: "TIMEOUT", backoffMs: retryAfterMs },
      ] as const) {
        const decision = decide(outcome, context);
        if (decision.status === "QUEUED") expect(decision.nextAttemptAt?.toJSON()).toMatch(/^2026-01-01T00:/);
        else expect(decision).toEqual({ status: "FAILED", errorCode: outcome.code });
      }
    },
  );

  test("the last attempt that the policy allows is followed by none", () => {
    const last = { ...context, attemptNumber: DEFAULT_RETRY_POLICY.maxAttempts };
    expect(decide({ kind: "retry", code: "UNAVAILABLE" }, last)).toEqual({
      status: "FAILED",
      errorCode: "UNAVAILABLE",
    });
  });

  test("an hour after its first attempt a notification is not tried again, however few attempts it had", () => {
    const late = { ...context, attemptNumber: 2, firstAttemptAt: new Date(now.getTime() - 3_600_000) };
    expect(decide({ kind: "retry", code: "UNAVAILABLE" }, late)).toEqual({
      status: "FAILED",
      errorCode: "UNAVAILABLE",
    });
    const asked = { kind: "retry", code: "UNAVAILABLE", retryAfterMs: 7_200_000 } as const;
    expect(decide(asked, context)).toEqual({ status: "FAILED", errorCode: "UNAVAILABLE" });
  });

  test("trouble with a credential is waited out for a day, however many attempts that takes", () => {
    const refused = { kind: "rejected", blame: "credential", code: "InvalidProviderToken" } as const;
    const expiresAt = new Date(now.getTime() + 30 * 86_400_000);
    const after = (hours: number) =>
      decide(refused, {
        ...{ ...context, expiresAt, attemptNumber: 100 },
        firstAttemptAt: new Date(now.getTime() - hours * 3_600_000),
      });
    expect(after(23)).toMatchObject({ status: "QUEUED", errorCode: "InvalidProviderToken" });
    expect(after(24)).toEqual({ status: "FAILED", errorCode: "InvalidProviderToken" });
  });

  test("a credential that is suspected of its tokens' refusals fails the notification, and is not tried again", () => {
    const outcome = {
      kind: "rejected",
      blame: "credential",
      code: "BadDeviceToken",
      credentialSuspected: true,
    } as const;
    expect(decide(outcome, context)).toEqual({ status: "FAILED", errorCode: "CREDENTIAL_SUSPECTED" });
  });

  test("an app that wants nothing sent twice has an unknown outcome fail", () => {
    const outcome = { kind: "unknown", code: "TIMEOUT" } as const;
    expect(decide(outcome, { ...context, onUnknown: "fail" })).toEqual({ status: "FAILED", errorCode: "TIMEOUT" });
  });

  test("a retry that would come after the TTL is not made: the notification is EXPIRED", () => {
    const soon = { ...context, expiresAt: new Date(now.getTime() + 100) };
    expect(decide({ kind: "retry", code: "UNAVAILABLE" }, soon)).toEqual({
      status: "UNDELIVERED",
      errorCode: "EXPIRED",
    });
  });

  test("with an earlier call, or this one, of unknown outcome it is not said to have expired unsent", () => {
    const soon = { ...context, expiresAt: new Date(now.getTime() + 100) };
    const unknown = { status: "UNDELIVERED", errorCode: "EXPIRED_UNKNOWN" };
    expect(decide({ kind: "unknown", code: "TIMEOUT" }, soon)).toEqual(unknown);
    expect(decide({ kind: "retry", code: "UNAVAILABLE" }, { ...soon, mayRepeat: true })).toEqual(unknown);
  });
});

test("a notification that reached a terminal status never leaves it, unless it failed and an operator has it sent after all", () => {
  for (const status of ["READ", "UNDELIVERED", "CANCELED"] as const) expect(TRANSITIONS[status]).toEqual([]);
  expect(TRANSITIONS.FAILED).toEqual(["QUEUED"]);
});
