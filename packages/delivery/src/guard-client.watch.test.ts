import { type DeliveryOutcome, mintOperationId, pushMessageSchema } from "@fanfare/domain";
import { guardClient } from "./guard-client.js";
import type { SendResult } from "./ports.js";

const message = pushMessageSchema.parse({ content: { title: "x" } });
const operation = () => ({ id: mintOperationId(), message, expiresAt: new Date(Date.now() + 3_600_000) });

function watched() {
  const told: string[] = [];
  let result: SendResult;
  const client = { prepare: () => ({ send: (_line: object, settle: (result: SendResult) => void) => settle(result) }) };
  const guard = guardClient(
    { ...client, close: async () => undefined },
    {
      ...{ rateLimit: { rampSeconds: 0 }, credentialGiveUpMs: 86_400_000, ignoredCodes: ["THIRD_PARTY_AUTH_ERROR"] },
      onPaused: ({ code }) => told.push(`paused ${code}`),
      onResumed: ({ code }) => told.push(`resumed ${code}`),
      onSuspected: () => told.push("suspected"),
      onHindered: ({ code, detail }) => told.push(`hindered ${code} ${detail}`),
      onFailing: ({ code }) => told.push(`failing ${code}`),
      onPartlyRefused: ({ code }) => told.push(`partly ${code}`),
      onServed: () => told.push("served"),
    },
  );
  const send = (next: SendResult) => {
    result = next;
    guard.prepare(operation()).send({ ordinal: 1, token: "t" }, () => undefined);
    return told.splice(0);
  };
  const answer = (outcome: DeliveryOutcome) =>
    send({ kind: "attempted", outcome, startedAt: new Date(), latencyMs: 1 });
  return { guard, send, answer };
}

test.each<[string, DeliveryOutcome, string[]]>([
  ["accepted", { kind: "accepted", providerMessageId: "m" }, ["served"]],
  ["refused for its token", { kind: "rejected", blame: "token", code: "Unregistered" }, ["served"]],
  ["refused for what it is", { kind: "rejected", blame: "request", code: "BadTopic" }, ["served"]],
  ["to be tried again", { kind: "retry", code: "UNAVAILABLE" }, ["failing UNAVAILABLE"]],
  ["too many for its device", { kind: "retry", code: "TooManyRequests", httpStatus: 429 }, []],
  [
    "too many for the project",
    { kind: "retry", code: "QUOTA_EXCEEDED", httpStatus: 429, throttlesCredential: true },
    ["failing QUOTA_EXCEEDED"],
  ],
  ["not answered", { kind: "unknown", code: "TIMEOUT" }, ["failing TIMEOUT"]],
  [
    "refused for another key",
    { kind: "rejected", blame: "credential", code: "THIRD_PARTY_AUTH_ERROR" },
    ["partly THIRD_PARTY_AUTH_ERROR"],
  ],
  ["refused for the credential", { kind: "rejected", blame: "credential", code: "Forbidden" }, ["paused Forbidden"]],
])("a push that is %s is told as such", (_what, outcome, told) => {
  expect(watched().answer(outcome)).toEqual(told);
});

test("what keeps calls from being made is known until one is served, and an operator is told more of it than a sender", () => {
  const { guard, send, answer } = watched();
  const forOperator = { detail: "https://proxy.local answered HTTP 400.", advice: "Look at it." };
  const unsent = {
    kind: "not-sent",
    code: "NO_ACCESS_TOKEN",
    detail: "No token.",
    advice: "Wait.",
    forOperator,
  } as const;
  expect(send(unsent)).toEqual([`hindered NO_ACCESS_TOKEN ${forOperator.detail}`]);
  expect(guard.waitsFor?.()).toEqual({ code: "NO_ACCESS_TOKEN", detail: "No token. Wait." });
  answer({ kind: "retry", code: "UNAVAILABLE" });
  expect(guard.waitsFor?.()).toBeDefined();
  answer({ kind: "accepted", providerMessageId: "m" });
  expect(guard.waitsFor?.()).toBeUndefined();
});

test.each(["retry", "rejected"] as const)(
  "the device token that an answer quotes is not in what is told of the credential (%s)",
  (kind) => {
    const token = "a1b2c3d4e5f6a7b8";
    const details: string[] = [];
    const results: SendResult[] = [];
    const detail = `<h1>Bad Gateway</h1> /3/device/${token} could not be reached.`;
    const outcome: DeliveryOutcome =
      kind === "retry" ? { kind, code: "HTTP_502", detail } : { kind, blame: "credential", code: "Forbidden", detail };
    const answer = { kind: "attempted", outcome, startedAt: new Date(), latencyMs: 1 } as const;
    const keep = ({ detail: told = "" }: { detail?: string }) => void details.push(told);
    const client = {
      prepare: () => ({ send: (_line: object, settle: (result: SendResult) => void) => settle(answer) }),
      close: async () => undefined,
    };
    const guard = guardClient(client, {
      ...{ rateLimit: { perMinute: 600, rampSeconds: 0 }, credentialGiveUpMs: 86_400_000 },
      ...{ onPaused: keep, onFailing: keep, onResumed: () => undefined, onSuspected: () => undefined },
    });
    guard.prepare(operation()).send({ ordinal: 1, token }, (result) => results.push(result));
    expect(details).toEqual(["<h1>Bad Gateway</h1> /3/device/… could not be reached."]);
    // Its own notification has it as it was said.
    expect(results).toMatchObject([{ outcome: { detail } }]);
  },
);
