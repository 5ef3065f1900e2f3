import { createApnsClient, createApnsProviderToken } from "@fanfare/apns-worker";
import { createSessionPool, type PushClient, SESSION_OPENERS, type SendResult } from "@fanfare/delivery";
import {
  type DeliveryLine,
  fcmContentSchema,
  mintOperationId,
  notificationUuid,
  type PushMessage,
  ulidOf,
} from "@fanfare/domain";
import { createFcmAccessToken, createFcmClient } from "@fanfare/fcm-worker";
import { type Simulator, startSimulator } from "@fanfare/simulator";
import { aMessage } from "@fanfare/testkit";
import apn from "apn";
import { apnProvider, sendWithFirebaseAdmin } from "./support/send-with-libraries.js";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const poolTo = (origin: string) =>
  createSessionPool({ open: (events) => SESSION_OPENERS.fanfare({ origin, ca: simulator.ca }, events) });

function fanfareFcm(clock: { nowMs?: () => number } = {}) {
  const serviceAccount = fcmContentSchema.parse(JSON.parse(simulator.customer.fcmServiceAccount));
  const tokenUrl = `${simulator.urls.fcm}/token`;
  const accessToken = createFcmAccessToken({ serviceAccount, tokenUrl, ca: simulator.ca, ...clock });
  const sender = poolTo(simulator.urls.fcm);
  const client = createFcmClient({ projectId: serviceAccount.project_id, accessToken, sender });
  return { accessToken, client: { ...client, close: () => sender.close() } };
}

function fanfareApns(): PushClient {
  const { apnsKey: key, apnsKeyId: keyId, apnsTeamId: teamId, apnsTopic: bundleId } = simulator.customer;
  const providerToken = createApnsProviderToken({ key, keyId, teamId });
  const sender = poolTo(simulator.urls.apns);
  return createApnsClient({ app: { bundleId }, providerToken, sender, onClose: () => sender.close() });
}

interface FcmPayload {
  apns: { headers: Record<string, string> };
}

const expiryOf = ({ ttl }: PushMessage) => new Date(Date.now() + ttl * 1_000);

async function sendOne(client: PushClient, message: PushMessage, line: DeliveryLine, id = mintOperationId()) {
  const result = await new Promise<SendResult>((resolve) =>
    client.prepare({ id, message, expiresAt: expiryOf(message) }).send(line, resolve),
  );
  await client.close();
  return result;
}

const received = (token: string) => simulator.received.newest(10, token);

describe("firebase-admin against the simulator", () => {
  test("its pushes are accepted, and a dead token is what it says it is", async () => {
    const results = await sendWithFirebaseAdmin(simulator, [
      { token: "firebase-ok", notification: { title: "Hi" } },
      { token: "dead-firebase", notification: { title: "Hi" } },
      { token: "bad-firebase", notification: { title: "Hi" } },
    ]);
    expect(results).toEqual([
      { success: true, messageId: expect.stringContaining("projects/fanfare-simulator/messages/") as unknown },
      { success: false, code: "messaging/registration-token-not-registered" },
      { success: false, code: "messaging/invalid-argument" },
    ]);
  });
});

describe("apn's Provider against the simulator", () => {
  test("its pushes are accepted, and a dead token is what it says it is", async () => {
    const provider = apnProvider(simulator);
    const note = new apn.Notification({ alert: "Hi", topic: simulator.customer.apnsTopic, pushType: "alert" });
    // One after the other: it does not wait for APNs to allow more than one stream on a connection.
    const { sent } = await provider.send(note, "apn-ok");
    const { failed } = await provider.send(note, "dead-apn");
    await provider.shutdown();
    expect(sent.map(({ device }) => device)).toEqual(["apn-ok"]);
    expect(failed).toMatchObject([{ device: "dead-apn", status: 410, response: { reason: "Unregistered" } }]);
  });
});

const full = aMessage({
  content: {
    title: "T",
    body: "B",
    images: ["https://example.com/i.png"],
    data: { gate: "A1", seat: "" },
    clickAction: "OPEN",
    category: "C",
  },
  sound: "ring",
  badge: 3,
  collapseKey: "gate",
  threadId: "flights",
  channelId: "boarding",
  priority: "LOW",
  ttl: 3_600,
});

test("FCM: Fanfare's body is the one that firebase-admin sends for the same message", async () => {
  const result = await sendOne(fanfareFcm().client, full, { ordinal: 1, token: "fcm-ours" });
  expect(result).toMatchObject({ kind: "attempted", outcome: { kind: "accepted" } });
  const [ours] = received("fcm-ours");
  const { headers } = (ours?.payload as FcmPayload | undefined)?.apns ?? { headers: {} };
  await sendWithFirebaseAdmin(simulator, [
    {
      token: "fcm-theirs",
      notification: { title: "T", body: "B", imageUrl: "https://example.com/i.png" },
      data: { gate: "A1", seat: "", fanfare: '{"clickAction":"OPEN"}' },
      android: {
        priority: "normal",
        ttl: 3_600_000,
        collapseKey: "gate",
        notification: { tag: "gate", sound: "ring", channelId: "boarding", clickAction: "OPEN", notificationCount: 3 },
      },
      apns: {
        headers: {
          ...{ "apns-priority": "5", "apns-collapse-id": "gate" },
          "apns-expiration": headers["apns-expiration"],
        },
        payload: { aps: { sound: "ring", badge: 3, threadId: "flights", category: "C", mutableContent: true } },
      },
    },
  ]);
  const [theirs] = received("fcm-theirs");
  const normalized = (request: typeof ours) =>
    JSON.parse(
      JSON.stringify({ ...(request?.payload as object), token: "" }).replace('"normal"', '"NORMAL"'),
    ) as object;
  expect(normalized(ours)).toEqual(normalized(theirs));
});

test("APNs: Fanfare's headers and payload are those that apn's Provider sends for the same message", async () => {
  const id = mintOperationId();
  const result = await sendOne(fanfareApns(), full, { ordinal: 1, token: "apns-ours" }, id);
  expect(result).toMatchObject({
    kind: "attempted",
    outcome: { kind: "accepted", providerMessageId: notificationUuid(id, 1) },
  });
  const [ours] = received("apns-ours");
  const note = new apn.Notification();
  Object.assign(note, {
    topic: simulator.customer.apnsTopic,
    pushType: "alert",
    priority: 5,
    collapseId: "gate",
    id: notificationUuid(id, 1),
  });
  Object.assign(note, {
    expiry: Number(ours?.headers["apns-expiration"]),
    title: "T",
    body: "B",
    sound: "ring",
    badge: 3,
  });
  Object.assign(note, { threadId: "flights", category: "C", mutableContent: true });
  note.payload = { gate: "A1", seat: "", fanfare: { images: ["https://example.com/i.png"], clickAction: "OPEN" } };
  const provider = apnProvider(simulator);
  await provider.send(note, "apns-theirs");
  await provider.shutdown();
  const [theirs] = received("apns-theirs");
  expect(ours?.payload).toEqual(theirs?.payload);
  const apnsHeaders = (request: typeof ours) =>
    Object.fromEntries(Object.entries(request?.headers ?? {}).filter(([name]) => name.startsWith("apns-")));
  expect(apnsHeaders(ours)).toEqual(apnsHeaders(theirs));
});

test("a push without a collapse key has one of its own, the same each time it is sent", async () => {
  const id = mintOperationId();
  for (let time = 0; time < 2; time++) {
    await sendOne(fanfareApns(), aMessage(), { ordinal: 7, token: "own-apns" }, id);
    await sendOne(fanfareFcm().client, aMessage(), { ordinal: 7, token: "own-fcm" }, id);
  }
  const ulid = ulidOf(notificationUuid(id, 7));
  for (const { headers } of received("own-apns")) {
    expect(headers).toMatchObject({ "apns-collapse-id": ulid, "apns-id": notificationUuid(id, 7) });
  }
  for (const { payload } of received("own-fcm"))
    expect(payload).toMatchObject({ android: { notification: { tag: ulid } } });
});

test("content of data alone is a silent push: background and priority 5 at APNs, nothing to show at FCM", async () => {
  const silent = aMessage({ content: { data: { sync: "1" } } });
  await sendOne(fanfareFcm().client, silent, { ordinal: 1, token: "ok-silent-fcm" });
  await sendOne(fanfareApns(), silent, { ordinal: 1, token: "ok-silent-apns" });
  const [apns] = received("ok-silent-apns");
  expect(apns?.headers).toMatchObject({ "apns-push-type": "background", "apns-priority": "5" });
  expect(apns?.payload).toEqual({ aps: { "content-available": 1 }, sync: "1" });
  const [fcm] = received("ok-silent-fcm");
  expect(fcm?.payload).toEqual({
    token: "ok-silent-fcm",
    data: { sync: "1" },
    android: { priority: "HIGH", ttl: "2419200s" },
    apns: {
      headers: { "apns-priority": "5", "apns-push-type": "background" },
      payload: { aps: { "content-available": 1 } },
    },
  });
});

describe("access tokens", () => {
  const issued = async () => {
    const res = await fetch(`${simulator.urls.control}/counts`);
    return ((await res.json()) as { accessTokensIssued: number }).accessTokensIssued;
  };

  test("a thousand sends at once fetch one, and a refused one is fetched anew", async () => {
    const { client, accessToken } = fanfareFcm();
    const message = aMessage();
    const prepared = client.prepare({ id: mintOperationId(), message, expiresAt: expiryOf(message) });
    const send = (ordinal: number) =>
      new Promise<SendResult>((resolve) => prepared.send({ ordinal, token: `thousand-${ordinal}` }, resolve));
    const before = await issued();
    const results = await Promise.all(Array.from({ length: 1_000 }, (_, index) => send(index + 1)));
    expect(results.every((result) => result.kind === "attempted" && result.outcome.kind === "accepted")).toBe(true);
    expect(await issued()).toBe(before + 1);
    // Fetched a moment ago: it is not its age that it was refused for.
    expect(accessToken.refused(accessToken.current() ?? "")).toBe(false);
    expect(await send(2_000)).toMatchObject({ outcome: { kind: "accepted" } });
    expect(await issued()).toBe(before + 2);
    await client.close();
  });

  test("THIRD_PARTY_AUTH_ERROR is about another key: no token is fetched for it", async () => {
    const { client } = fanfareFcm();
    const sendTo = sendWith(client);
    await sendTo("first");
    const before = await issued();
    refuseTwice("THIRD_PARTY_AUTH_ERROR");
    for (let time = 0; time < 2; time++) {
      expect(await sendTo("refused")).toMatchObject({
        outcome: { blame: "credential", code: "THIRD_PARTY_AUTH_ERROR" },
      });
    }
    expect(await sendTo("last")).toMatchObject({ outcome: { kind: "accepted" } });
    expect(await issued()).toBe(before);
    await client.close();
  });

  test("a 401 is answered by one new token; if that is refused too, it is the credential's fault", async () => {
    let aheadMs = 0;
    const { client } = fanfareFcm({ nowMs: () => Date.now() + aheadMs });
    const sendTo = sendWith(client);
    await sendTo("first");
    aheadMs = 120_000;
    const before = await issued();
    refuseTwice("UNAUTHENTICATED");
    expect(await sendTo("refused")).toMatchObject({ outcome: { kind: "retry", code: "UNAUTHENTICATED" } });
    expect(await sendTo("refused")).toMatchObject({ outcome: { blame: "credential", code: "UNAUTHENTICATED" } });
    expect(await issued()).toBe(before + 1);
    await client.close();
  });

  const sendWith = (client: PushClient) => {
    const message = aMessage();
    const prepared = client.prepare({ id: mintOperationId(), message, expiresAt: expiryOf(message) });
    return (token: string) => new Promise<SendResult>((resolve) => prepared.send({ ordinal: 1, token }, resolve));
  };
  const refuseTwice = (code: string) => {
    const behaviour = { kind: "refuse", status: 401, code } as const;
    simulator.behaviours.script({ provider: "FCM", token: "refused", behaviour, times: 2 });
  };
});
