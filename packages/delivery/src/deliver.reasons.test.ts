import { DEFAULT_RETRY_POLICY, type LeasedBatch } from "@fanfare/domain";
import { createDeliverer } from "./deliver.js";
import type { PushClient, SendResult } from "./ports.js";
import { aBatch, aClient, accepted, always, aStore, attempted } from "./testing/fake-ports.js";

function aDeliverer(batch: LeasedBatch, client: PushClient) {
  const store = aStore([batch]);
  const deliverer = createDeliverer({
    ...{ store, clientFor: always(client), retryPolicy: DEFAULT_RETRY_POLICY, leaseMs: 30_000 },
    ...{ windowSize: 3, stalledAfterMs: 20 },
    onError: () => undefined,
  });
  return { store, deliverer };
}

async function deliver(batch: LeasedBatch, client: PushClient) {
  const { store, deliverer } = aDeliverer(batch, client);
  await deliverer.deliver([batch.id], new AbortController().signal);
  deliverer.close();
  return store;
}

const waitedFor = { code: "NO_ACCESS_TOKEN", detail: "It answered HTTP 503." };
const unsent: SendResult = {
  kind: "not-sent",
  code: "ECONNREFUSED",
  detail: "FCM could not be called.",
  advice: "Look.",
};

test("a batch whose lines could not be sent is given back with why, and with what to do", async () => {
  const { released, records } = await deliver(
    aBatch(3),
    aClient(() => unsent),
  );
  expect(records).toEqual([]);
  expect(released).toMatchObject([
    { untried: true, reason: { code: "ECONNREFUSED", detail: "FCM could not be called. Look." } },
  ]);
});

test("a batch that is held back is given back with why its client sends nothing", async () => {
  const client = { ...aClient(accepted), heldBackMs: () => 5_000, waitsFor: () => waitedFor };
  expect((await deliver(aBatch(2), client)).released).toMatchObject([{ untried: true, reason: waitedFor }]);
});

test("what passes by itself is no reason, and takes none away", async () => {
  const passing = aClient(() => ({ kind: "not-sent", code: "NO_FREE_STREAM" }));
  expect((await deliver(aBatch(1), passing)).released[0]?.reason).toBeUndefined();
  expect((await deliver(aBatch(1, { waitedFor }), passing)).released[0]?.reason).toEqual(waitedFor);
});

test("a batch of which all that was due was tried is given back without a reason", async () => {
  const retried = aClient(() => attempted({ kind: "retry", code: "UNAVAILABLE" }));
  const { released } = await deliver(aBatch(2, { waitedFor }), retried);
  expect(released).toMatchObject([{ untried: false }]);
  expect(released[0]?.reason).toBeUndefined();
});

test("a refused call is recorded with what to do about it", async () => {
  const refused = attempted({
    ...{ kind: "rejected", blame: "credential", code: "NOT_FOUND", detail: "No such project.", advice: "Change it." },
  });
  const { records } = await deliver(
    aBatch(1),
    aClient(() => refused),
  );
  expect(records).toMatchObject([{ errorCode: "NOT_FOUND", errorDetail: "No such project. Change it." }]);
});

test("what a batch waited for is over once one of its lines is taken", async () => {
  const client = aClient((line) => (line.ordinal === 1 ? accepted() : { kind: "not-sent", code: "GOAWAY" }));
  const { released } = await deliver(aBatch(2, { waitedFor }), client);
  expect(released).toMatchObject([{ untried: true }]);
  expect(released[0]?.reason).toBeUndefined();
});

test.each([
  ["that nothing is answered", undefined, "NO_ANSWERS"],
  ["what its client knows of", waitedFor, waitedFor.code],
])("what has no room behind calls without an answer says %s", async (_what, known, code) => {
  const settles: ((result: SendResult) => void)[] = [];
  const client: PushClient = {
    waitsFor: () => known,
    prepare: () => ({ send: (_line, settle) => void settles.push(settle) }),
    close: async () => undefined,
  };
  const batch = aBatch(4);
  const { store, deliverer } = aDeliverer(batch, client);
  await deliverer.begin([batch.id], new AbortController().signal);
  for (const settle of settles) settle(attempted({ kind: "retry", code: "UNAVAILABLE" }));
  await deliverer.drain();
  deliverer.close();
  expect(store.released).toMatchObject([{ untried: true, reason: { code } }]);
});

test("a notification whose TTL passes while its batch waits says what it waited for", async () => {
  const over = { expiresAt: new Date(Date.now() - 1_000) };
  const { records } = await deliver(aBatch(1, { ...over, waitedFor }), aClient(accepted));
  expect(records).toMatchObject([
    {
      ...{ status: "UNDELIVERED", errorCode: "EXPIRED" },
      errorDetail:
        "Its TTL passed before a provider accepted it. It waited for: NO_ACCESS_TOKEN. It answered HTTP 503.",
    },
  ]);
  const { records: others } = await deliver(aBatch(1, over), aClient(accepted));
  expect(others).toMatchObject([{ errorDetail: "Its TTL passed before a provider accepted it." }]);
  const tried = { status: "QUEUED" as const, attempts: 1, firstAttemptAt: new Date(0), nextAttemptAt: null };
  const recorded = new Map([["1", { ...tried, lastOutcome: "RETRY" as const }]]);
  const { records: retried } = await deliver(aBatch(1, { ...over, waitedFor, recorded }), aClient(accepted));
  expect(retried).toMatchObject([{ errorDetail: "Its TTL passed before a provider accepted it." }]);
  const { records: lost } = await deliver(aBatch(1, { ...over, waitedFor, takenOver: true }), aClient(accepted));
  expect(lost).toMatchObject([
    { errorCode: "EXPIRED_UNKNOWN", errorDetail: expect.stringContaining("It waited for:") },
  ]);
});

test("words that the database can not hold are given back as it can", async () => {
  const odd = aClient(() => ({ ...unsent, detail: `\0${"x".repeat(2_000)}` }) as SendResult);
  const { released } = await deliver(aBatch(1), odd);
  expect(released[0]?.reason?.detail).toHaveLength(1_000);
  expect(released[0]?.reason?.detail).not.toContain("\0");
});
