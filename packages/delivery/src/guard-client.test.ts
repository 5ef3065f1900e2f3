import { type DeliveryOutcome, mintOperationId, pushMessageSchema } from "@fanfare/domain";
import { guardClient } from "./guard-client.js";
import type { PushClient, SendResult } from "./ports.js";

const message = pushMessageSchema.parse({ content: { title: "x" }, ttl: 2_419_200 });
const operation = (hoursAgo = 0) => ({
  ...{ id: mintOperationId(), message },
  expiresAt: new Date(Date.now() - hoursAgo * 3_600_000 + message.ttl * 1_000),
});

function guarded(answer: (token: string) => DeliveryOutcome) {
  const calls: string[] = [];
  const told: string[] = [];
  const client: PushClient = {
    prepare: () => ({
      send(line, settle) {
        calls.push(line.token);
        settle({ kind: "attempted", outcome: answer(line.token), startedAt: new Date(), latencyMs: 1 });
      },
    }),
    close: async () => {},
  };
  const guard = guardClient(client, {
    rateLimit: { rampSeconds: 0 },
    credentialGiveUpMs: 86_400_000,
    onPaused: ({ code }) => told.push(`paused ${code}`),
    onResumed: ({ code }) => told.push(`resumed ${code}`),
    onSuspected: () => told.push("suspected"),
  });
  const send = (token: string, of = operation()) => {
    const results: SendResult[] = [];
    guard.prepare(of).send({ ordinal: 1, token }, (result) => results.push(result));
    return results[0] as SendResult;
  };
  return { guard, calls, told, send };
}

const accepted: DeliveryOutcome = { kind: "accepted", providerMessageId: "m" };
const refused: DeliveryOutcome = { kind: "rejected", blame: "credential", code: "Forbidden", detail: "words" };
const badToken: DeliveryOutcome = { kind: "rejected", blame: "token", code: "BadDeviceToken", detail: "words" };

test("a refused credential keeps what is queued, and fails it only after the give-up time", () => {
  const { guard, send, calls, told } = guarded(() => refused);
  expect(send("first")).toMatchObject({ kind: "attempted" });
  expect(told).toEqual(["paused Forbidden"]);
  expect(send("second")).toMatchObject({ kind: "not-sent", code: "Forbidden", detail: "words" });
  expect(guard.waitsFor?.()).toEqual({ code: "Forbidden", detail: "words" });
  expect(guard.heldBackMs?.(operation(23))).toBeGreaterThan(0);
  expect(send("old", operation(25))).toEqual({ kind: "unsendable", code: "Forbidden", detail: "words" });
  expect(guard.heldBackMs?.(operation(25))).toBe(0);
  expect(calls).toEqual(["first"]);
});

test("of a credential that nobody has tried yet one call goes out; once it was not refused, all of them", () => {
  const answers: ((outcome: DeliveryOutcome) => void)[] = [];
  const client: PushClient = {
    prepare: () => ({
      send: (_line, settle) =>
        void answers.push((outcome) => settle({ kind: "attempted", outcome, startedAt: new Date(), latencyMs: 1 })),
    }),
    close: async () => {},
  };
  const told: string[] = [];
  const guard = guardClient(client, {
    ...{ rateLimit: { rampSeconds: 0 }, credentialGiveUpMs: 86_400_000, onSuspected: () => undefined },
    onPaused: ({ inFlight }) => told.push(`paused with ${inFlight} more in flight`),
    onResumed: () => told.push("resumed"),
  });
  const results: SendResult[] = [];
  const prepared = guard.prepare(operation());
  const sendTen = () => {
    for (let ordinal = 1; ordinal <= 10; ordinal++) {
      prepared.send({ ordinal, token: `t${ordinal}` }, (result) => results.push(result));
    }
  };
  sendTen();
  expect(answers).toHaveLength(1);
  answers[0]?.(refused);
  expect(told).toEqual(["paused with 0 more in flight"]);
  expect(results.map(({ kind }) => kind)).toEqual(["attempted", ...Array<string>(9).fill("not-sent")]);

  const other = guardClient(client, {
    ...{ rateLimit: { rampSeconds: 0 }, credentialGiveUpMs: 86_400_000, onSuspected: () => undefined },
    ...{ onPaused: () => undefined, onResumed: () => undefined },
  });
  const begun = answers.length;
  const many = other.prepare(operation());
  for (let ordinal = 1; ordinal <= 10; ordinal++) many.send({ ordinal, token: "t" }, () => undefined);
  answers[begun]?.(badToken);
  expect(answers).toHaveLength(begun + 10);
});

test("what is not wanted any more behind the first call is not sent, and proves nothing", () => {
  const settled: ((result: SendResult) => void)[] = [];
  const client: PushClient = {
    prepare: () => ({ send: (_line, settle) => void settled.push(settle) }),
    close: async () => {},
  };
  const guard = guardClient(client, {
    ...{ rateLimit: { rampSeconds: 0 }, credentialGiveUpMs: 86_400_000, onSuspected: () => undefined },
    ...{ onPaused: () => undefined, onResumed: () => undefined },
  });
  const prepared = guard.prepare(operation());
  const results: SendResult[] = [];
  const send = (isWanted: () => boolean) =>
    prepared.send({ ordinal: 1, token: "t" }, (result) => results.push(result), isWanted);
  let wanted = true;
  for (let line = 0; line < 3; line++) send(() => wanted);
  for (let line = 0; line < 2; line++) send(() => true);
  wanted = false;
  settled[0]?.({ kind: "not-sent", code: "NOT_WANTED" });
  expect(results).toEqual(Array(3).fill({ kind: "not-sent", code: "NOT_WANTED" }));
  // One that is wanted, and still alone.
  expect(settled).toHaveLength(2);
  settled[1]?.({ kind: "attempted", outcome: accepted, startedAt: new Date(), latencyMs: 1 });
  expect(settled).toHaveLength(3);
});

test("what still waits for a connection when the credential is paused is held back; a probe is not", () => {
  const sent: { isWanted?: () => boolean; answer: (outcome: DeliveryOutcome | undefined) => void }[] = [];
  const client: PushClient = {
    prepare: () => ({
      send: (_line, settle, isWanted) =>
        void sent.push({
          ...(isWanted && { isWanted }),
          answer: (outcome) =>
            settle(
              outcome
                ? { kind: "attempted", outcome, startedAt: new Date(), latencyMs: 1 }
                : { kind: "not-sent", code: "NOT_WANTED" },
            ),
        }),
    }),
    close: async () => {},
  };
  let nowMs = 0;
  const guard = guardClient(client, {
    ...{ rateLimit: { rampSeconds: 0 }, credentialGiveUpMs: 86_400_000, onSuspected: () => undefined },
    ...{ onPaused: () => undefined, onResumed: () => undefined, nowMs: () => nowMs },
  });
  const results: SendResult[] = [];
  const prepared = guard.prepare(operation());
  const send = () => prepared.send({ ordinal: 1, token: "t" }, (result) => results.push(result));
  send();
  sent[0]?.answer(accepted);
  for (let line = 0; line < 3; line++) send();
  expect(sent.map(({ isWanted }) => isWanted?.())).toEqual([true, true, true, true]);
  sent[1]?.answer(refused);
  expect(sent.slice(2).map(({ isWanted }) => isWanted?.())).toEqual([false, false]);
  sent[2]?.answer(undefined);
  expect(results.at(-1)).toMatchObject({ kind: "not-sent", code: "Forbidden" });
  nowMs = 60_000;
  send();
  expect(sent.at(-1)?.isWanted?.()).toBe(true);
});

test("thousands that are held back one after the other overflow no stack", () => {
  const answers: ((outcome: DeliveryOutcome) => void)[] = [];
  const guard = guardClient(
    {
      prepare: () => ({
        send: (_line, settle) =>
          void answers.push((outcome) => settle({ kind: "attempted", outcome, startedAt: new Date(), latencyMs: 1 })),
      }),
      close: async () => {},
    },
    {
      ...{ rateLimit: { rampSeconds: 0 }, credentialGiveUpMs: 86_400_000, onSuspected: () => undefined },
      // However long it takes, it is not yet time for a probe.
      ...{ onPaused: () => undefined, onResumed: () => undefined, nowMs: () => 0 },
    },
  );
  const prepared = guard.prepare(operation());
  let settled = 0;
  for (let ordinal = 1; ordinal <= 50_000; ordinal++) prepared.send({ ordinal, token: "t" }, () => settled++);
  answers[0]?.(refused);
  expect([answers.length, settled]).toEqual([1, 50_000]);
});

test("a few bad tokens are bad tokens", () => {
  const { send, told } = guarded((token) => (token.startsWith("bad") ? badToken : accepted));
  for (let index = 0; index < 15; index++) expect(send(`bad-${index}`)).toMatchObject({ outcome: { blame: "token" } });
  for (let index = 0; index < 100; index++) send(`good-${index}`);
  for (let index = 0; index < 40; index++) expect(send(`bad-${index}`)).toMatchObject({ outcome: { blame: "token" } });
  expect(told).toEqual([]);
});

test("when most tokens are bad the credential is suspected, the tokens are kept, and the detail says so", () => {
  const { send, told } = guarded(() => badToken);
  const results = Array.from({ length: 60 }, (_, index) => send(`bad-${index}`));
  expect(told).toEqual(["suspected"]);
  expect(results.slice(19).every((result) => isSuspicion(result))).toBe(true);
  expect(results.slice(0, 19).some((result) => isSuspicion(result))).toBe(false);
  expect(results.at(-1)).toMatchObject({
    outcome: { code: "BadDeviceToken", detail: expect.stringContaining("another app or environment") as unknown },
  });
});

test("tokens of uninstalled apps never make a suspicion", () => {
  const gone: DeliveryOutcome = { ...badToken, code: "Unregistered", tokenIsGone: true };
  const { send, told } = guarded(() => gone);
  for (let index = 0; index < 100; index++)
    expect(send(`gone-${index}`)).toMatchObject({ outcome: { blame: "token" } });
  expect(told).toEqual([]);
});

test.each([
  ["as it asks", { retryAfterMs: 60_000, backoffMs: 10_000 }],
  ["its rule is where it asks for nothing", { backoffMs: 60_000 }],
  ["its rule is where it asks for no time at all", { retryAfterMs: 0, backoffMs: 60_000 }],
])("a provider that throttles the credential as a whole is left alone for as long as %s", (_what, wish) => {
  const { guard, send, calls } = guarded(() => ({
    ...{ kind: "retry", code: "QUOTA_EXCEEDED", ...wish, throttlesCredential: true },
  }));
  send("first");
  expect(send("second")).toMatchObject({ kind: "not-sent", code: "RATE_LIMITED" });
  expect(guard.heldBackMs?.(operation())).toBeGreaterThan(50_000);
  expect(calls).toEqual(["first"]);
});

function isSuspicion(result: SendResult): boolean {
  return result.kind === "attempted" && result.outcome.kind === "rejected" && result.outcome.blame === "credential";
}

test("a line that its worker wants to send no more is not wanted of the client either", () => {
  const asked: (() => boolean)[] = [];
  const client: PushClient = {
    prepare: () => ({ send: (_line, _settle, isWanted) => void (isWanted && asked.push(isWanted)) }),
    close: async () => {},
  };
  const guard = guardClient(client, {
    ...{ rateLimit: { rampSeconds: 0 }, credentialGiveUpMs: 86_400_000 },
    ...{ onPaused: () => undefined, onResumed: () => undefined, onSuspected: () => undefined },
  });
  let wanted = true;
  guard.prepare(operation()).send(
    { ordinal: 1, token: "t" },
    () => undefined,
    () => wanted,
  );
  expect(asked[0]?.()).toBe(true);
  wanted = false;
  expect(asked[0]?.()).toBe(false);
});
