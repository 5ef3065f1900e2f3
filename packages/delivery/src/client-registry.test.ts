import { type CredentialRef, mintRowId, UnusableCredentialError } from "@fanfare/domain";
import { createClientRegistry } from "./client-registry.js";
import { guardClient } from "./guard-client.js";
import type { DeliverableOperation, LoadedCredential, PushClient, SendResult } from "./ports.js";
import { aBatch, aClient, accepted } from "./testing/fake-ports.js";

const credential: CredentialRef = { id: mintRowId(), version: 1, type: "FCM" };
const { operationId: id, message } = aBatch(1);
const operation: DeliverableOperation = { id, message, expiresAt: new Date(Date.now() + message.ttl * 1_000) };
const unreadable = new UnusableCredentialError("CREDENTIAL_UNREADABLE", "It was stored under another key.");
const loaded = { ...credential, content: {} } as LoadedCredential;

/** A registry whose credentials are as `load` and `open` find them, and a clock of its own. */
function aRegistry(found: { load: () => LoadedCredential | undefined; open?: () => PushClient }) {
  const clock = { ms: 0 };
  const told: string[] = [];
  const gone: string[] = [];
  let loads = 0;
  const registry = createClientRegistry({
    async load() {
      loads++;
      return found.load();
    },
    open: () => found.open?.() ?? aClient(accepted),
    guard: (client) =>
      guardClient(client, {
        ...{ rateLimit: { rampSeconds: 0 }, credentialGiveUpMs: 86_400_000, onSuspected: () => undefined },
        onPaused: ({ code }) => told.push(code),
        onResumed: () => undefined,
        nowMs: () => clock.ms,
      }),
    onGone: (credentialId) => gone.push(credentialId),
    onError: (error) => {
      throw error;
    },
    nowMs: () => clock.ms,
  });
  const take = async (ref = credential) => (await registry.clientFor({ credential: ref }))?.client;
  return { registry, take, told, gone, clock, loads: () => loads };
}

const send = (client: PushClient | undefined) =>
  new Promise<SendResult>((resolve) => client?.prepare(operation).send({ ordinal: 1, token: "t" }, resolve));

const fail = (error: Error) => () => {
  throw error;
};

test.each([
  ["can not be read", { load: fail(unreadable) }],
  ["can not be opened", { load: () => loaded, open: fail(unreadable) }],
])(
  "of a credential that %s nothing is sent, with its code and with growing pauses, at most a minute apart",
  async (_what, found) => {
    const { take, told, clock } = aRegistry(found);
    const first = await take();
    expect(await send(first)).toMatchObject({
      ...{ kind: "not-sent", code: "CREDENTIAL_UNREADABLE", detail: unreadable.message, advice: unreadable.advice },
    });
    expect(told).toEqual(["CREDENTIAL_UNREADABLE"]);
    const pauses: number[] = [];
    for (let probe = 0; probe < 9; probe++) {
      const client = await take();
      expect(client).toBe(first);
      const pauseMs = client?.heldBackMs?.(operation) ?? 0;
      pauses.push(pauseMs);
      clock.ms += pauseMs;
      await send(await take());
    }
    expect(pauses[0]).toBeGreaterThan(0);
    expect(pauses.at(-1)).toBeGreaterThan(25_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000);
    expect(told).toHaveLength(1);
  },
);

test("a credential that could not be read is looked at again within seconds, and used once it can be, at the same version", async () => {
  let mended = false;
  const { take, clock, loads } = aRegistry({
    load: () => {
      if (!mended) throw unreadable;
      return loaded;
    },
  });
  await send(await take());
  await take();
  expect(loads()).toBe(1);
  mended = true;
  clock.ms += 5_000;
  expect(await send(await take())).toMatchObject({ kind: "attempted" });
});

test("another version of it is looked at at once", async () => {
  const newer = { ...credential, version: 2 };
  let present = 1;
  const { take } = aRegistry({
    load: () => {
      if (present === 1) throw unreadable;
      return { ...loaded, version: 2 };
    },
  });
  await send(await take());
  present = 2;
  expect(await send(await take(newer))).toMatchObject({ kind: "attempted" });
});

test("after the give-up time a notification fails with what is wrong with the credential", async () => {
  const { take } = aRegistry({ load: fail(unreadable) });
  await send(await take());
  const old = { ...operation, expiresAt: new Date(Date.now() - 100_000_000 + message.ttl * 1_000) };
  const client = await take();
  expect(client?.heldBackMs?.(old)).toBe(0);
  const result = await new Promise<SendResult>((resolve) =>
    client?.prepare(old).send({ ordinal: 1, token: "t" }, resolve),
  );
  expect(result).toEqual({
    ...{ kind: "unsendable", code: "CREDENTIAL_UNREADABLE" },
    detail: `${unreadable.message} ${unreadable.advice}`,
  });
});

test("a database that is away is no trouble of the credential's, and one that is gone is told", async () => {
  const { take } = aRegistry({ load: fail(new Error("away")) });
  await expect(take()).rejects.toThrow("away");
  const { take: takeGone, gone } = aRegistry({ load: () => undefined });
  expect(await takeGone()).toBeUndefined();
  expect(gone).toEqual([credential.id]);
});
