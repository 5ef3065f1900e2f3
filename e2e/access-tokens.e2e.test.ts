import { SESSION_OPENERS, type SendResult } from "@fanfare/delivery";
import { fcmContentSchema, mintOperationId } from "@fanfare/domain";
import { createFcmAccessToken, createFcmClient } from "@fanfare/fcm-worker";
import { aMessage, until } from "@fanfare/testkit";
import { useSimulator } from "./support/use-simulator.js";

const used = useSimulator();

const oauth = (fault: object) => used.control("POST", "/faults", { provider: "OAUTH", ...fault });
const issued = async () => {
  const res = await fetch(`${used.simulator.urls.control}/counts`);
  return ((await res.json()) as { accessTokensIssued: number }).accessTokensIssued;
};

function aSender(clock: { nowMs?: () => number; monotonicMs?: () => number } = {}) {
  const serviceAccount = fcmContentSchema.parse(JSON.parse(used.simulator.customer.fcmServiceAccount));
  const errors: Error[] = [];
  const accessToken = createFcmAccessToken({
    ...{ serviceAccount, tokenUrl: `${used.simulator.urls.fcm}/token`, ca: used.simulator.ca, ...clock },
    onError: (error) => errors.push(error),
  });
  const origin = used.simulator.urls.fcm;
  const sender = used.pool((events) => SESSION_OPENERS.fanfare({ origin, ca: used.simulator.ca }, events));
  const client = createFcmClient({ projectId: serviceAccount.project_id, accessToken, sender });
  const expiresAt = new Date(Date.now() + 3_600_000);
  const prepared = client.prepare({ id: mintOperationId(), message: aMessage(), expiresAt });
  const send = (token: string) => new Promise<SendResult>((resolve) => prepared.send({ ordinal: 1, token }, resolve));
  return { send, errors };
}

const accepted = { kind: "attempted", outcome: { kind: "accepted" } };

test.each([
  ["fails", { kind: "fail", status: 503, times: 1 }],
  ["is forbidden by a proxy", { kind: "html", status: 403, times: 1 }],
  ["answers 200 with a page of HTML", { kind: "html", status: 200, times: 1 }],
])("a token endpoint that %s: nothing is sent, no attempt is made, and it is asked again", async (_what, fault) => {
  const { send, errors } = aSender();
  await oauth(fault);
  const results = await Promise.all(Array.from({ length: 50 }, (_, index) => send(`t${index}`)));
  for (const result of results) expect(result).toMatchObject({ kind: "not-sent", code: "NO_ACCESS_TOKEN" });
  expect(errors).toHaveLength(1);
  expect(used.simulator.received.counts("FCM").total).toBe(0);
  await until(async () => (await send("again")).kind === "attempted");
  expect(await send("last")).toMatchObject(accepted);
  expect(await issued()).toBe(1);
});

test.each([429, 503])(
  "a token endpoint that answers %i with Retry-After is asked no sooner, and what needs a token waits as long",
  async (status) => {
    let aheadMs = 0;
    const { send, errors } = aSender({ monotonicMs: () => performance.now() + aheadMs });
    await oauth({ kind: "fail", status, headers: { "retry-after": "40" }, times: 1 });
    const results = await Promise.all(Array.from({ length: 50 }, (_, index) => send(`t${index}`)));
    for (const result of results) expect(result).toMatchObject({ kind: "not-sent", code: "NO_ACCESS_TOKEN" });
    for (const result of results) expect((result as { retryAfterMs?: number }).retryAfterMs).toBeGreaterThan(35_000);
    aheadMs = 30_000;
    expect((await send("sooner")) as { retryAfterMs?: number }).toMatchObject({ kind: "not-sent" });
    expect(await issued()).toBe(0);
    expect(used.simulator.received.counts("FCM").total).toBe(0);
    aheadMs = 40_000;
    expect(await send("on time")).toMatchObject(accepted);
    expect([errors.length, await issued()]).toEqual([1, 1]);
  },
);

test("a token endpoint that is slow: all who wait share one request, and are sent", async () => {
  const { send } = aSender();
  await oauth({ kind: "slow", delayMs: 500, times: 1 });
  const results = await Promise.all(Array.from({ length: 500 }, (_, index) => send(`t${index}`)));
  for (const result of results) expect(result).toMatchObject(accepted);
  expect(await issued()).toBe(1);
});

test("a refresh that is slow or fails holds nothing up while the old token works", async () => {
  let aheadMs = 0;
  const { send, errors } = aSender({ nowMs: () => Date.now() + aheadMs });
  expect(await send("first")).toMatchObject(accepted);
  // 55 of its 60 minutes are over.
  aheadMs = 3_300_000;
  await oauth({ kind: "slow", delayMs: 11_000, times: 1 });
  for (let time = 0; time < 20; time++) expect(await send(`slow-${time}`)).toMatchObject(accepted);
  // It is given up after ten seconds: by then the next one fails too.
  await oauth({ kind: "fail", times: 1 });
  await until(() => errors.length === 1);
  expect(await send("in between")).toMatchObject(accepted);
  await until(async () => {
    expect(await send("on")).toMatchObject(accepted);
    return (await issued()) === 2;
  });
});
