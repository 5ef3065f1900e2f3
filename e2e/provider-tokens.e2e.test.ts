import { createApnsClient, createApnsProviderToken, keepProviderToken, retiresConnection } from "@fanfare/apns-worker";
import { type OpenSession, SESSION_OPENERS, type SendResult } from "@fanfare/delivery";
import { mintOperationId } from "@fanfare/domain";
import { aMessage } from "@fanfare/testkit";
import { useSimulator } from "./support/use-simulator.js";

const used = useSimulator();

const limitAge = (maxAgeSeconds: number) => used.control("PUT", "/provider-token-limits", { maxAgeSeconds });

/** A client whose provider token is `ageSeconds` old, by a clock that may differ from APNs's. */
function aClient(ageSeconds: number, behindSeconds = 0) {
  const { apnsKey: key, apnsKeyId: keyId, apnsTeamId: teamId, apnsTopic: bundleId } = used.simulator.customer;
  const now = Math.floor(Date.now() / 1_000);
  // A period has 40 minutes and begins when its token is 10 minutes old.
  const offset = (ageSeconds - 600 - ((now - 600) % 2_400) - 2_400) % 2_400;
  const skew = behindSeconds === 0 ? offset : -behindSeconds;
  let passedMs = 0;
  const monotonicMs = () => performance.now() + passedMs;
  const nowSeconds = () => Math.floor((Date.now() + passedMs) / 1_000) + skew;
  const providerToken = createApnsProviderToken({ key, keyId, teamId, nowSeconds, monotonicMs });
  const origin = used.simulator.urls.apns;
  const open: OpenSession = async (events) =>
    keepProviderToken(await SESSION_OPENERS.fanfare({ origin, ca: used.simulator.ca }, events), { monotonicMs });
  const sender = used.pool(open, retiresConnection);
  const client = createApnsClient({ app: { bundleId }, providerToken, sender, onClose: async () => undefined });
  const expiresAt = new Date(Date.now() + 3_600_000);
  const prepared = client.prepare({ id: mintOperationId(), message: aMessage(), expiresAt });
  const send = (token: string) => new Promise<SendResult>((resolve) => prepared.send({ ordinal: 1, token }, resolve));
  const pass = (minutes: number) => {
    passedMs += minutes * 60_000;
  };
  return { send, skew, pass, authorization: () => providerToken.authorization() };
}

/** An age that no token here has, in seconds. */
const AGES = 100_000;

const kindOf = (result: SendResult) => (result.kind === "attempted" ? result.outcome.kind : result.kind);
const received = () => used.simulator.received.newest(10_000);
const refusals = () => received().filter(({ outcome }) => outcome === "403 ExpiredProviderToken");
const connections = () => new Set(received().map(({ connection }) => connection)).size;

test("an expired provider token is replaced once, on a new connection, though a thousand requests carry it", async () => {
  const { send, skew } = aClient(2_100);
  await limitAge(AGES);
  expect(kindOf(await send("first"))).toBe("accepted");
  // By APNs's clock it is too old now, and a new one would not be.
  await limitAge(1_000 - skew);
  const results = await Promise.all(Array.from({ length: 2_000 }, (_, index) => send(`t${index}`)));
  const again = results.filter((result) => kindOf(result) === "retry");
  // Those that the connection took at once, and one on each that was opened meanwhile.
  expect(again.length).toBeGreaterThan(0);
  expect(again.length).toBeLessThanOrEqual(1_000 + 4);
  expect(again).toHaveLength(refusals().length);
  expect(results.filter((result) => kindOf(result) === "accepted")).toHaveLength(2_000 - again.length);
  expect(new Set(refusals().map(({ connection }) => connection)).size).toBeLessThanOrEqual(4);
  expect(received().filter(({ outcome }) => outcome.includes("TooManyProviderTokenUpdates"))).toEqual([]);
});

test("what waits for a connection while the provider token is replaced goes out with the new one", async () => {
  const { send, skew } = aClient(2_100);
  await limitAge(1_000 - skew);
  // APNs takes one request at a time on a connection that has not authenticated: all others wait.
  const results = await Promise.all(Array.from({ length: 200 }, (_, index) => send(`t${index}`)));
  expect(results.map(kindOf).filter((kind) => kind === "retry").length).toBeLessThanOrEqual(4);
  expect(connections()).toBeLessThanOrEqual(5);
});

test("TooManyProviderTokenUpdates has the connection replaced, and the same provider token used", async () => {
  const { send, authorization } = aClient(2_100);
  await limitAge(AGES);
  expect(kindOf(await send("first"))).toBe("accepted");
  const before = authorization();
  const behaviour = { kind: "refuse", status: 429, code: "TooManyProviderTokenUpdates" } as const;
  used.simulator.behaviours.script({ provider: "APN", token: "refused", behaviour, times: 1 });
  expect(await send("refused")).toMatchObject({ outcome: { kind: "retry", code: "TooManyProviderTokenUpdates" } });
  expect(kindOf(await send("refused"))).toBe("accepted");
  expect(authorization()).toBe(before);
  expect(received().map(({ connection }) => connection)).toEqual([1, 1, 2]);
});

describe("when the period of a provider token ends", () => {
  /** A client whose token is replaced in a minute. */
  async function aClientBefore() {
    const client = aClient(2_940);
    await limitAge(AGES);
    expect(kindOf(await client.send("first"))).toBe("accepted");
    return client;
  }

  test("a connection that carried it for less than 20 minutes is replaced, and no push is refused", async () => {
    const { send, pass, authorization } = await aClientBefore();
    const before = authorization();
    pass(2);
    expect(authorization()).not.toBe(before);
    const results = await Promise.all(Array.from({ length: 2_000 }, (_, index) => send(`t${index}`)));
    expect(new Set(results.map(kindOf))).toEqual(new Set(["accepted"]));
    expect(new Set(received().map(({ outcome }) => outcome))).toEqual(new Set(["accept"]));
    const [first, ...others] = received().map(({ connection }) => connection);
    expect(others).not.toContain(first);
  });

  test("what is in flight on such a connection is answered there", async () => {
    const { send, pass } = await aClientBefore();
    const late = send("slow-500-late");
    pass(2);
    expect((await Promise.all([late, send("next")])).map(kindOf)).toEqual(["accepted", "accepted"]);
    expect(received().map(({ connection }) => connection)).toEqual([1, 1, 2]);
  });

  test("a connection that carried it for longer carries the next one: it lives for days", async () => {
    const { send, pass, authorization } = aClient(1_500);
    await used.control("PUT", "/provider-token-limits", { maxAgeSeconds: AGES, minUpdateSeconds: 0 });
    const carried = new Set<string>();
    for (let minutes = 0; minutes < 240; minutes += 10) {
      expect(kindOf(await send(`t${minutes}`))).toBe("accepted");
      carried.add(authorization());
      pass(10);
    }
    expect(carried.size).toBe(240 / 40 + 1);
    expect(connections()).toBe(1);
  });
});

test("a clock that is hours behind is the credential's trouble, not a hundred tries of each push", async () => {
  const { send } = aClient(0, 10_800);
  const results: SendResult[] = [];
  for (let time = 0; time < 4; time++) results.push(await send("t"));
  expect(results.at(-1)).toMatchObject({
    outcome: {
      kind: "rejected",
      blame: "credential",
      code: "ExpiredProviderToken",
      detail: expect.stringContaining("clock"),
    },
  });
  // Replaced once at most, and not at all when it was young.
  expect(results.filter((result) => kindOf(result) === "retry").length).toBeLessThanOrEqual(1);
});
