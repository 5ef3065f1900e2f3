import { createApnsClient, createApnsProviderToken, retiresConnection } from "@fanfare/apns-worker";
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
  const nowSeconds = () => Math.floor(Date.now() / 1_000) + skew;
  const providerToken = createApnsProviderToken({ key, keyId, teamId, nowSeconds });
  const origin = used.simulator.urls.apns;
  const open: OpenSession = (events) => SESSION_OPENERS.fanfare({ origin, ca: used.simulator.ca }, events);
  const sender = used.pool(open, retiresConnection);
  const client = createApnsClient({ app: { bundleId }, providerToken, sender, onClose: async () => undefined });
  const expiresAt = new Date(Date.now() + 3_600_000);
  const prepared = client.prepare({ id: mintOperationId(), message: aMessage(), expiresAt });
  const send = (token: string) => new Promise<SendResult>((resolve) => prepared.send({ ordinal: 1, token }, resolve));
  return { send, skew, authorization: () => providerToken.authorization() };
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
