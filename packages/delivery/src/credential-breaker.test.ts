import type { DeliveryOutcome } from "@fanfare/domain";
import { createCredentialBreaker } from "./credential-breaker.js";

const refused: DeliveryOutcome = { kind: "rejected", blame: "credential", code: "InvalidProviderToken" };
const accepted: DeliveryOutcome = { kind: "accepted", providerMessageId: "m" };
const deadToken: DeliveryOutcome = { kind: "rejected", blame: "token", code: "Unregistered" };
const timedOut: DeliveryOutcome = { kind: "unknown", code: "TIMEOUT" };

function aBreaker() {
  const clock = { ms: 0 };
  const log: string[] = [];
  const breaker = createCredentialBreaker({
    onPaused: ({ code, inFlight }) => log.push(`paused ${code} with ${inFlight} in flight`),
    onResumed: ({ code }) => log.push(`resumed ${code}`),
    ignoredCodes: ["THIRD_PARTY_AUTH_ERROR"],
    random: () => 1,
    nowMs: () => clock.ms,
  });
  const call = () => {
    const begun = breaker.begin();
    if (!begun.granted) throw new Error(`held back for ${begun.waitMs} ms`);
    return begun.end;
  };
  return { clock, log, breaker, call };
}

test("the first refusal pauses the credential; what was in flight may fail too, and nothing more is let through", () => {
  const { breaker, call, log } = aBreaker();
  const [first, second, third] = [call(), call(), call()];
  first(refused);
  second(refused);
  expect(log).toEqual(["paused InvalidProviderToken with 2 in flight"]);
  expect(breaker.begin()).toEqual({ granted: false, waitMs: 1_000 });
  third(accepted);
  expect(breaker.begin().granted).toBe(false);
  expect(breaker.paused()).toMatchObject({ code: "InvalidProviderToken" });
});

test("then one call at a time is let through, at growing distances", () => {
  const { breaker, call, clock } = aBreaker();
  call()(refused);
  const waits: number[] = [];
  for (let probe = 0; probe < 8; probe++) {
    waits.push(breaker.waitMs());
    clock.ms += breaker.waitMs();
    const end = call();
    expect(breaker.begin().granted).toBe(false);
    end(refused);
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test.each([
  ["accepted", accepted],
  ["a rejection that is the token's fault", deadToken],
])("a probe that comes to %s resumes everything", (_what, outcome) => {
  const { breaker, call, clock, log } = aBreaker();
  call()(refused);
  clock.ms += 1_000;
  call()(outcome);
  expect(log.at(-1)).toBe("resumed InvalidProviderToken");
  expect(breaker.paused()).toBeUndefined();
  expect([call(), call()]).toHaveLength(2);
});

test.each([
  ["no answer", timedOut],
  ["no call at all", undefined],
])("a probe with %s tells nothing: another one follows", (_what, outcome) => {
  const { breaker, call, clock, log } = aBreaker();
  call()(refused);
  clock.ms += 1_000;
  call()(outcome);
  expect(log).toHaveLength(1);
  expect(breaker.waitMs()).toBe(1_000);
  clock.ms += 1_000;
  call()(accepted);
  expect(breaker.paused()).toBeUndefined();
});

test("trouble with another key than the one that sends, and suspicion, pause nothing", () => {
  const { breaker, call } = aBreaker();
  call()({ kind: "rejected", blame: "credential", code: "THIRD_PARTY_AUTH_ERROR" });
  call()({ kind: "rejected", blame: "credential", code: "BadDeviceToken", credentialSuspected: true });
  expect(breaker.paused()).toBeUndefined();
});
