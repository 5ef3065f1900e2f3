import { createHash } from "node:crypto";
import { createApnsClient, createApnsProviderToken } from "@fanfare/apns-worker";
import { createSessionPool, type PushClient, SESSION_OPENERS } from "@fanfare/delivery";
import {
  fcmContentSchema,
  mintOperationId,
  notificationUuid,
  type PushMessage,
  pushMessageSchema,
  ulidOf,
} from "@fanfare/domain";
import { createFcmAccessToken, createFcmClient } from "@fanfare/fcm-worker";
import { type Simulator, startSimulator } from "@fanfare/simulator";
import apn from "apn";
import fc from "fast-check";
import { apnProvider, sendWithFirebaseAdmin } from "./support/send-with-libraries.js";

/** Messages of a run, and the seed that they come from. */
const COUNT = 500;
const SEED = Number(process.env.FANFARE_SEED ?? 20_261_124);

// Later than any TTL, so that none is shortened for the time that the test takes.
const EXPIRES_AT = new Date(Math.floor(Date.now() / 1_000) * 1_000 + 7_200_000);

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const text = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
  .filter((value) => !value.includes("\u0000") && !value.includes("{{") && !value.includes("{%"));
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const messages = fc.sample(
  fc
    .record({
      content: fc.record({
        ...{ title: optional(text), subtitle: optional(text), body: optional(text), category: optional(text) },
        images: optional(fc.constant(["https://example.com/a.png", "https://example.com/b.png"])),
        data: optional(fc.dictionary(fc.stringMatching(/^[a-z_]{1,10}$/), text, { minKeys: 1, maxKeys: 4 })),
        clickAction: optional(text),
      }),
      ...{ sound: fc.option(text), badge: optional(fc.nat({ max: 99 })), threadId: optional(text) },
      ...{ channelId: optional(text), collapseKey: optional(fc.string({ minLength: 1, maxLength: 20 })) },
      ...{ priority: fc.constantFrom("HIGH", "LOW"), mutableContent: optional(fc.boolean()) },
    })
    .map((fields) => pushMessageSchema.safeParse(JSON.parse(JSON.stringify({ ...fields, ttl: 3_600 }))))
    .filter(({ success }) => success)
    .map(({ data }) => data as PushMessage),
  { numRuns: COUNT, seed: SEED },
);

const id = mintOperationId();
const ordinalOf = (index: number) => index + 1;
const ulid = (index: number) => ulidOf(notificationUuid(id, ordinalOf(index)));
const tokenOf = (whose: string, index: number) => `${whose}-${index}-of-${COUNT}`;

const poolTo = (origin: string) =>
  createSessionPool({ open: (events) => SESSION_OPENERS.fanfare({ origin, ca: simulator.ca }, events) });

async function sendOurs(client: PushClient, whose: string): Promise<void> {
  const sent = messages.map(
    (message, index) =>
      new Promise((resolve) => {
        const prepared = client.prepare({ id, message, expiresAt: EXPIRES_AT });
        prepared.send({ ordinal: ordinalOf(index), token: tokenOf(whose, index) }, resolve);
      }),
  );
  const results = await Promise.all(sent);
  expect(results.filter((result) => (result as { outcome?: { kind: string } }).outcome?.kind !== "accepted")).toEqual(
    [],
  );
}

const receivedFor = (token: string) => {
  const [request] = simulator.received.newest(1, token);
  return request as { headers: Record<string, unknown>; payload: Record<string, unknown> } | undefined;
};

test(`FCM: firebase-admin sends the same body for ${COUNT} generated messages`, async () => {
  const serviceAccount = fcmContentSchema.parse(JSON.parse(simulator.customer.fcmServiceAccount));
  const accessToken = createFcmAccessToken({
    serviceAccount,
    tokenUrl: `${simulator.urls.fcm}/token`,
    ca: simulator.ca,
  });
  const sender = poolTo(simulator.urls.fcm);
  await sendOurs(createFcmClient({ projectId: serviceAccount.project_id, accessToken, sender }), "our-fcm");
  await sender.close();
  const theirs = await sendWithFirebaseAdmin(
    simulator,
    messages.map((message, index) => toFirebaseMessage(message, index)),
  );
  expect(theirs.filter(({ success }) => !success)).toEqual([]);
  for (const [index] of messages.entries()) {
    const [ours, expected] = ["our-fcm", "their-fcm"].map((whose) => receivedFor(tokenOf(whose, index))?.payload);
    expect({ ...ours, token: "" }).toEqual(inOurSpelling({ ...expected, token: "" }));
  }
});

/** The message as its documentation says it is to be written for firebase-admin, independent of our own body. */
function toFirebaseMessage(message: PushMessage, index: number) {
  const { content, priority, sound, badge, channelId, collapseKey } = message;
  const { title, subtitle, body, images, data, clickAction } = content;
  const isShown = [title, subtitle, body, images].some((field) => field !== undefined);
  const isNoticed = isShown || sound !== null || (badge ?? 0) > 0;
  const lines = [subtitle, body].filter((line) => line !== undefined);
  const shown = { title, body: lines.length > 0 ? lines.join("\n") : undefined, imageUrl: images?.[0] };
  const notification = { tag: collapseKey ?? ulid(index), sound, channelId, clickAction, notificationCount: badge };
  const several = images && images.length > 1 ? images : undefined;
  const extras = present({ images: several, clickAction, channelId: isNoticed ? undefined : channelId });
  const hasExtras = Object.keys(extras).length > 0;
  return {
    token: tokenOf("their-fcm", index),
    ...((data || hasExtras) && { data: { ...data, ...(hasExtras && { fanfare: JSON.stringify(extras) }) } }),
    ...(isShown && { notification: present(shown) }),
    android: {
      ...{ priority: priority === "HIGH" ? "high" : "normal", ttl: 3_600_000 },
      ...(collapseKey !== undefined && { collapseKey }),
      ...(isNoticed && { notification: present(notification) }),
    },
    apns: toFirebaseApns(message),
  };
}

/** The part of it for Apple's devices. */
function toFirebaseApns(message: PushMessage) {
  const { content, priority, sound, badge, threadId, collapseKey, mutableContent } = message;
  const { title, subtitle, body, images, category } = content;
  const isNoticed = [title, subtitle, body, sound ?? undefined, badge].some((field) => field !== undefined);
  const aps = {
    ...(subtitle !== undefined && { alert: present({ title, subtitle, body }) }),
    ...present({ sound, badge, threadId, category }),
    ...((mutableContent ?? images !== undefined) && { mutableContent: true }),
    ...(!isNoticed && { contentAvailable: true }),
  };
  return {
    headers: {
      ...((priority === "LOW" || !isNoticed) && { "apns-priority": "5" }),
      ...(!isNoticed && { "apns-push-type": "background" }),
      ...(collapseKey !== undefined && { "apns-collapse-id": collapseKey, ...hashedCollapseId(collapseKey) }),
      "apns-expiration": String(EXPIRES_AT.getTime() / 1_000),
    },
    ...(Object.keys(aps).length > 0 && { payload: { aps } }),
  };
}

// The one difference: FCM takes the priority in either case, firebase-admin writes it small.
function inOurSpelling(payload: Record<string, unknown>): unknown {
  const android = payload.android as { priority: string };
  return { ...payload, android: { ...android, priority: android.priority.toUpperCase() } };
}

test(`APNs: apn's Provider sends the same headers and payload for ${COUNT} generated messages`, async () => {
  const { apnsKey: key, apnsKeyId: keyId, apnsTeamId: teamId, apnsTopic: bundleId } = simulator.customer;
  const sender = poolTo(simulator.urls.apns);
  const providerToken = createApnsProviderToken({ key, keyId, teamId });
  const onClose = () => sender.close();
  await sendOurs(createApnsClient({ app: { bundleId }, providerToken, sender, onClose }), "our-apns");
  await sender.close();
  const provider = apnProvider(simulator);
  for (const [index, message] of messages.entries()) {
    const { failed } = await provider.send(toNotification(message, index, bundleId), tokenOf("their-apns", index));
    expect(failed).toEqual([]);
  }
  await provider.shutdown();
  for (const [index, { collapseKey }] of messages.entries()) {
    const [ours, theirs] = ["our-apns", "their-apns"].map((whose) => receivedFor(tokenOf(whose, index)));
    expect(ours?.payload).toEqual({ aps: {}, ...theirs?.payload });
    expect(apnsHeaders(ours)).toEqual({ ...apnsHeaders(theirs), ...hashedCollapseId(collapseKey) });
  }
});

// The one difference: spaces at its ends are no part of a field's value (RFC 9110, section 5.5). `apn`'s Provider lets them get
// lost, so that two keys become one or none; ours arrives as its hash.
function hashedCollapseId(collapseKey = ""): { "apns-collapse-id"?: string } {
  if (collapseKey === collapseKey.trim()) return {};
  return { "apns-collapse-id": createHash("sha256").update(collapseKey).digest("hex") };
}

/** The same for `apn`: content-available and the push type where nothing is noticed, mutable-content where images are. */
function toNotification(message: PushMessage, index: number, topic: string): apn.Notification {
  const { content, priority, sound, badge, threadId, collapseKey, mutableContent } = message;
  const { title, subtitle, body, images, category, data, clickAction } = content;
  const isNoticed = [title, subtitle, body, sound ?? undefined, badge].some((field) => field !== undefined);
  const extras = present({ images, clickAction });
  const notification = new apn.Notification();
  Object.assign(notification, {
    ...{ topic, id: notificationUuid(id, ordinalOf(index)), collapseId: collapseKey ?? ulid(index) },
    ...{ pushType: isNoticed ? "alert" : "background", priority: isNoticed && priority === "HIGH" ? 10 : 5 },
    expiry: EXPIRES_AT.getTime() / 1_000,
    payload: { ...data, ...(Object.keys(extras).length > 0 && { fanfare: extras }) },
  });
  const alert = present({ title, subtitle, body });
  if (Object.keys(alert).length > 0) notification.aps.alert = alert as apn.ApsAlert;
  const settings = present({ sound: sound ?? undefined, badge, threadId, category });
  for (const [name, value] of Object.entries(settings)) {
    if (name === "category") notification.aps.category = value as string;
    else Object.assign(notification, { [name]: value });
  }
  if (!isNoticed) notification.contentAvailable = true;
  if (mutableContent ?? images !== undefined) notification.mutableContent = true;
  return notification;
}

function apnsHeaders(request: ReturnType<typeof receivedFor>): object {
  return Object.fromEntries(Object.entries(request?.headers ?? {}).filter(([name]) => name.startsWith("apns-")));
}

function present<Fields extends object>(fields: Fields): Partial<Fields> {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(kept) as Partial<Fields>;
}
