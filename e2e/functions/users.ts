import { parseId } from "@fanfare/domain";
import { until } from "@fanfare/testkit";
import { stack } from "./stack.js";

const path = "/v1/PushNotifications";

async function register(devices: { provider: string; token: string }[], userId?: string): Promise<string> {
  const body = { appName: "default", devices, ...(userId && { userId }) };
  const answer = await stack.call("POST", `${path}/DeviceRegistrations`, body);
  expect(answer.status).toBe(201);
  return answer.body.userId as string;
}

async function sendTo(...to: object[]) {
  const { operationId } = await stack.api.send({ to, content: { title: "Hi" } });
  await stack.completed(operationId);
  // A notification is SENT with the first address that accepts: the calls to its others may still be under way.
  const where = { operationId: parseId("operation", operationId) as string };
  await until(async () => (await stack.db.deliveryBatch.count({ where })) === 0);
  const stats = await stack.completed(operationId);
  const listed = await stack.api.notifications(operationId, 100);
  const notifications = await Promise.all(listed.map(({ id }) => stack.api.notification(id)));
  const attempts = await Promise.all(listed.map(({ id }) => stack.api.attempts(id)));
  return { operationId, stats, notifications, attempts };
}

const fcm = (token: string) => ({ provider: "FCM", token });
const apn = (token: string) => ({ provider: "APN", token });
const callsFor = async (token: string) => (await stack.received(token)).length;

describe("users", () => {
  test("a send to a user is one notification with an attempt for each device that is known then", async () => {
    const userId = await register([fcm("u1-phone"), apn("u1-tablet")]);
    await register([fcm("u1-new")], userId);
    const { stats, notifications, attempts } = await sendTo({ userId });
    expect(stats).toMatchObject({ recipients: 1, total: 1, sent: 1, attempts: 3, unaddressable: 0 });
    expect(notifications[0]).toMatchObject({ status: "SENT", attempts: 3, lastError: null });
    const newestFirst = [fcm("u1-new"), apn("u1-tablet"), fcm("u1-phone")];
    expect(notifications[0]?.to).toEqual(newestFirst.map((device) => ({ ...device, userId })));
    expect(attempts[0]?.map(({ outcome, attemptNumber }) => [attemptNumber, outcome])).toEqual([
      [1, "ACCEPTED"],
      [2, "ACCEPTED"],
      [3, "ACCEPTED"],
    ]);
  });

  test("a user without devices is unaddressable: no notification, no attempt, and the errors say so", async () => {
    const userId = await register([fcm("u2-phone")]);
    const { body } = await stack.call("GET", `${path}/DeviceRegistrations?userId=${userId}`);
    await stack.call("DELETE", `${path}/DeviceRegistrations/${body.deviceRegistrations[0].id}`);
    const { stats, notifications, operationId } = await sendTo({ userId }, fcm("u2-other"));
    expect(stats).toMatchObject({ recipients: 2, total: 1, unaddressable: 1, sent: 1, attempts: 1 });
    expect(notifications).toHaveLength(1);
    const errors = await stack.call("GET", `${path}/Operations/${operationId}/Errors`);
    expect(errors.body.errors).toMatchObject([{ code: "UNADDRESSABLE", count: 1 }]);
  });

  test("a user is reached when one of the devices is; dead ones are on record", async () => {
    const userId = await register([fcm("dead-u3"), apn("u3-good")]);
    const { stats, attempts, notifications } = await sendTo({ userId });
    expect(stats).toMatchObject({ sent: 1, attempts: 2 });
    expect(notifications[0]?.status).toBe("SENT");
    expect(attempts[0]?.map(({ token, outcome }) => [token, outcome]).sort()).toEqual([
      ["dead-u3", "REJECTED"],
      ["u3-good", "ACCEPTED"],
    ]);
  });

  test("a user whose devices all die is UNDELIVERED, and the next send finds no address", async () => {
    const userId = await register([fcm("dead-u4-a"), apn("dead-u4-b")]);
    const first = await sendTo({ userId });
    expect(first.stats).toMatchObject({ total: 1, undelivered: 1, attempts: 2 });
    const second = await sendTo({ userId });
    expect(second.stats).toMatchObject({ recipients: 1, total: 0, unaddressable: 1, attempts: 0 });
  });
});

describe("several addresses", () => {
  test("policy first tries the next address when one is dead, and stops at the first that is accepted", async () => {
    const addresses = [fcm("dead-first"), apn("first-second"), fcm("first-third")];
    const { stats, notifications, attempts } = await sendTo({ addresses, policy: "first" });
    expect(stats).toMatchObject({ total: 1, sent: 1, attempts: 2 });
    expect(notifications[0]?.status).toBe("SENT");
    expect(attempts[0]?.map(({ token, outcome }) => [token, outcome])).toEqual([
      ["dead-first", "REJECTED"],
      ["first-second", "ACCEPTED"],
    ]);
    expect(await callsFor("first-third")).toBe(0);
  });

  test("policy first with a provider that is unavailable for a while stays with that address", async () => {
    const { stats, attempts } = await sendTo({ addresses: [apn("flaky-1-f"), fcm("flaky-f2")], policy: "first" });
    expect(stats).toMatchObject({ sent: 1, attempts: 2 });
    expect(attempts[0]?.map(({ token }) => token)).toEqual(["flaky-1-f", "flaky-1-f"]);
  });

  test("policy all sends to every one", async () => {
    const { stats, attempts } = await sendTo({ addresses: [fcm("all-a"), apn("all-b")], policy: "all" });
    expect(stats).toMatchObject({ total: 1, sent: 1, attempts: 2 });
    expect(attempts[0]).toHaveLength(2);
    expect([await callsFor("all-a"), await callsFor("all-b")]).toEqual([1, 1]);
  });

  test("when all of them are dead it is UNDELIVERED", async () => {
    const { stats } = await sendTo({ addresses: [fcm("dead-all-a"), apn("dead-all-b")], policy: "first" });
    expect(stats).toMatchObject({ undelivered: 1, attempts: 2 });
  });
});

describe("dead tokens", () => {
  test("a token that a provider declared dead is in the feed, and is not tried any more", async () => {
    const since = new Date().toISOString();
    const first = await sendTo(fcm("dead-feed"), apn("dead-feed"), fcm("feed-ok"));
    expect(first.stats).toMatchObject({ sent: 1, undelivered: 2, attempts: 3 });
    const { body } = await stack.call("GET", `${path}/InvalidTokens?pageSize=1000&since=${since}`);
    expect(body.invalidTokens).toEqual(
      expect.arrayContaining([
        containing({ provider: "FCM", token: "dead-feed", appName: "default", code: "UNREGISTERED" }),
        containing({ provider: "APN", token: "dead-feed", appName: "default", code: "Unregistered" }),
      ]),
    );
    const second = await sendTo(fcm("dead-feed"), apn("dead-feed"), fcm("feed-ok"));
    expect(second.stats).toMatchObject({ recipients: 3, total: 1, unaddressable: 2, sent: 1, attempts: 1 });
    expect(await callsFor("dead-feed")).toBe(2);
  });

  test("a token that is registered again is tried again", async () => {
    await stack.simulate("POST", "/behaviours", {
      ...{ provider: "FCM", token: "phoenix", times: 1 },
      behaviour: { kind: "refuse", status: 404, code: "UNREGISTERED" },
    });
    expect((await sendTo(fcm("phoenix"))).stats).toMatchObject({ undelivered: 1 });
    expect((await sendTo(fcm("phoenix"))).stats).toMatchObject({ unaddressable: 1 });
    const userId = await register([fcm("phoenix")]);
    expect((await sendTo(fcm("phoenix"))).stats).toMatchObject({ sent: 1 });
    expect((await sendTo({ userId })).stats).toMatchObject({ sent: 1 });
  });

  test("a 410 that is older than the token's last registration changes nothing", async () => {
    const userId = await register([apn("old-410")]);
    const { body } = await stack.call("GET", `${path}/InvalidTokens?pageSize=1000`);
    const before = body.invalidTokens.length as number;
    await stack.simulate("POST", "/behaviours", {
      ...{ provider: "APN", token: "old-410", times: 1 },
      behaviour: { kind: "refuse", status: 410, code: "Unregistered", timestampMs: Date.now() - 3_600_000 },
    });
    expect((await sendTo({ userId })).stats).toMatchObject({ undelivered: 1 });
    expect((await sendTo({ userId })).stats).toMatchObject({ sent: 1 });
    const after = await stack.call("GET", `${path}/InvalidTokens?pageSize=1000`);
    expect(after.body.invalidTokens).toHaveLength(before);
  });

  test("a refused request, an unavailable provider and a wrong key declare no token dead", async () => {
    await stack.simulate("POST", "/behaviours", {
      ...{ provider: "APN", token: "alive", times: 1 },
      behaviour: { kind: "refuse", status: 400, code: "BadTopic" },
    });
    expect((await sendTo(apn("alive"))).stats).toMatchObject({ failed: 1 });
    expect((await sendTo(apn("alive"))).stats).toMatchObject({ sent: 1 });
  });
});

test("filters find a user's notifications and a token's, also while they wait", async () => {
  const userId = await register([fcm("find-me")]);
  const { operationId } = await sendTo({ userId }, fcm("find-other"));
  const idsOf = async (query: string) =>
    (await stack.call("GET", `${path}?${query}`)).body.notifications.map(({ id }: { id: string }) => id) as string[];
  const [first] = await stack.api.notifications(operationId, 1);
  await until(async () => (await idsOf(`userId=${userId}`)).length === 1);
  expect(await idsOf(`userId=${userId}`)).toEqual([first?.id]);
  expect(await idsOf("token=find-me")).toEqual([first?.id]);
});

function containing(fields: object): unknown {
  return expect.objectContaining(fields);
}
