import { patient, someRecipients } from "@fanfare/testkit";
import type { RunningStack } from "../support/run-stack.js";
import { expectEachOnce } from "../support/sends-in-flight.js";

/** What a sender does, from request to answer. */
export function testMainJob(running: () => RunningStack, backend: string): void {
  let stack: RunningStack;
  beforeAll(() => {
    stack = running();
  });

  const call = (path: string, init: RequestInit & { user?: string } = {}) => {
    const { accountId, authToken } = stack.credentials;
    const authorization = `Basic ${Buffer.from(init.user ?? `${accountId}:${authToken}`).toString("base64")}`;
    const headers = { authorization, "content-type": "application/json", ...init.headers };
    return fetch(`${stack.url}${path}`, { ...init, headers });
  };
  const send = (body: unknown) => call("/v1/PushNotifications", { method: "POST", body: JSON.stringify(body) });

  test("the seed's samples: send, operation and notification answer field for field", async () => {
    const sent = await send({
      to: [{ provider: "FCM", token: "FCM_DEVICE_TOKEN" }],
      content: { title: "Boarding", body: "Gate A1 in one hour" },
      priority: "HIGH",
      sound: "ring",
    });
    expect(sent.status).toBe(202);
    const { operationId, operationLocation, ...rest } = (await sent.json()) as Record<string, string>;
    expect(rest).toEqual({});
    expect(operationId).toMatch(/^comms_operation_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
    expect(operationLocation).toBe(`${stack.url}/v1/PushNotifications/Operations/${operationId}`);
    expect(sent.headers.get("location")).toBe(operationLocation);
    expect(sent.headers.get("operationId")).toBe(operationId);
    await stack.completed(operationId as string);

    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/) as unknown;
    const ulid = operationId?.slice("comms_operation_".length);
    const operation = await call(`/v1/PushNotifications/Operations/${operationId}`);
    const told = (await operation.json()) as Record<string, string>;
    for (const name of ["createdAt", "updatedAt", "completedAt"]) {
      expect(Math.abs(Date.parse(told[name] ?? "") - Date.now())).toBeLessThan(patient(60_000));
    }
    const zero = {
      unaddressable: 0,
      scheduled: 0,
      queued: 0,
      delivered: 0,
      read: 0,
      undelivered: 0,
      failed: 0,
      canceled: 0,
    };
    expect(told).toEqual({
      id: operationId,
      status: "COMPLETED",
      stats: { total: 1, recipients: 1, attempts: 1, sent: 1, ...zero },
      createdAt: time,
      updatedAt: time,
      completedAt: time,
      scheduledFor: null,
      tags: {},
    });
    expect((await call(`/v1/PushNotifications/Operations/${ulid?.toUpperCase()}`)).status).toBe(200);

    const list = await call(`/v1/PushNotifications?operationId=${operationId}`);
    const listed = (await list.json()) as { notifications: { id: string }[] };
    expect(listed).toEqual({
      notifications: [
        {
          id: expect.stringMatching(/^comms_notification_[0-7][0-9a-hjkmnp-tv-z]{25}$/) as unknown,
          to: [{ token: "FCM_DEVICE_TOKEN", provider: "FCM" }],
          status: "SENT",
          related: [{ name: "operation", id: operationId, uri: `/PushNotifications/Operations/${ulid}` }],
          tags: {},
          createdAt: time,
          updatedAt: time,
          deletedAt: null,
        },
      ],
      pagination: { next: null, self: `${stack.url}/v1/PushNotifications?operationId=${operationId}` },
    });

    const id = listed.notifications[0]?.id ?? "";
    const one = (await (await call(`/v1/PushNotifications/${id}`)).json()) as object;
    expect(one).toMatchObject({
      ...listed.notifications[0],
      from: {
        appName: "default",
        fcm: expect.stringMatching(/^comms_credential_/) as unknown,
        apn: expect.stringMatching(/^comms_credential_/) as unknown,
      },
      content: { title: "Boarding", body: "Gate A1 in one hour" },
      priority: "HIGH",
      sound: "ring",
      attempts: 1,
      lastError: null,
    });
    const attempts = await call(`/v1/PushNotifications/${id}/Attempts`);
    expect(await attempts.json()).toMatchObject({
      attempts: [
        {
          id: `${id.replace("notification", "attempt")}_1`,
          notificationId: id,
          provider: "FCM",
          token: "FCM_DEVICE_TOKEN",
          attemptNumber: 1,
          mayRepeat: false,
          outcome: "ACCEPTED",
          blame: null,
          httpStatus: 200,
          providerCode: null,
          providerMessageId: expect.stringContaining("projects/fanfare-simulator/messages/") as unknown,
          nextAttemptAt: null,
        },
      ],
      pagination: { next: null },
    });
  });

  test("4,000 recipients of both providers: each token is reached exactly once", async () => {
    const to = someRecipients(4_000).map(({ provider, token }) => ({ provider, token: `${backend}-${token}` }));
    const since = stack.log.length;
    const begun = performance.now();
    // A shorter time to live than any zone is from UTC.
    const { operationId } = await stack.api.send({ to, content: { title: "All aboard" }, ttl: 600 });
    const acceptedMs = Math.round(performance.now() - begun);
    await stack.completed(operationId);
    process.stdout.write(
      `${backend}: 4,000 recipients: 202 after ${acceptedMs} ms, COMPLETED after ${Math.round(performance.now() - begun)} ms\n`,
    );
    await expectEachOnce(stack, { name: backend, operationId, count: 4_000 }, since);
  });

  test("dead, bad and flaky tokens: each has its own end, and none touches a neighbour", async () => {
    const tokens = ["ok-1", "dead-1", "bad-1", "mismatch-1", "flaky-1-1", "throttle-1-1", "reset-1-1", "ok-2"];
    const to = tokens.flatMap((token) => [
      { provider: "APN", token: `${token}-${backend}` },
      // FCM waits 10 seconds and more after these.
      ...(/^(flaky|reset)/.test(token) ? [] : [{ provider: "FCM", token: `${token}-${backend}` }]),
    ]);
    const { operationId } = await stack.api.send({ to, content: { body: "x" } });
    const stats = await stack.completed(operationId);
    expect(stats).toMatchObject({ total: 14, undelivered: 6, sent: 8, failed: 0, attempts: 14 + 2 + 1 + 1 });
    const page = await stack.api.notifications(operationId, 100);
    const reset = page.find(({ to: [address] }) => address?.token?.startsWith("reset-"));
    const attempts = await stack.api.attempts(reset?.id ?? "");
    expect(attempts.map(({ outcome, mayRepeat }) => [outcome, mayRepeat])).toEqual([
      ["UNKNOWN", false],
      ["ACCEPTED", true],
    ]);
  });

  test("the same address twice in a request is sent once, and a payload over the limit fails without a call", async () => {
    const twice = await stack.api.send({
      to: [1, 2].map(() => ({ provider: "FCM", token: `twice-${backend}` })),
      content: { title: "x" },
    });
    expect(await stack.completed(twice.operationId)).toMatchObject({ total: 1, recipients: 1, sent: 1 });
    const large = await stack.api.send({
      to: [
        { provider: "FCM", token: "a" },
        { provider: "APN", token: "a" },
      ],
      // How large that is only its rendering tells.
      content: { title: "x".repeat(4_096), body: "{{ gate | default: 'y' }}" },
    });
    expect(await stack.completed(large.operationId)).toMatchObject({ total: 2, failed: 2, attempts: 0 });
    const [notification] = await stack.api.notifications(large.operationId, 1);
    const { lastError } = await stack.api.notification(notification?.id ?? "");
    expect(lastError?.code).toBe("PAYLOAD_TOO_LARGE");
  });

  test("bad input is a problem that names every field, and nothing is stored", async () => {
    const before = await stack.db.operation.count();
    const res = await send({
      to: [
        { provider: "FCM", token: "t" },
        { provider: "SMS", token: "a b" },
      ],
      content: { title: 1 },
      from: { appName: "Not a name" },
    });
    expect(res.status).toBe(400);
    expect(res.headers.get("content-type")).toContain("application/problem+json");
    const problem = (await res.json()) as { code: string; errors: { pointer: string }[] };
    expect(problem.code).toBe("invalid-request");
    expect(problem.errors.map(({ pointer }) => pointer).sort()).toEqual([
      "/content/title",
      "/from/appName",
      "/to/1/provider",
      "/to/1/token",
    ]);
    expect(await stack.db.operation.count()).toBe(before);
  });

  test.each([
    ["a body that is not JSON", "{", "application/json", 400, "malformed-json"],
    ["another media type", "{}", "text/plain", 415, "unsupported-media-type"],
    ["a body over the limit", `"${"x".repeat(21 * 1024 * 1024)}"`, "application/json", 413, "body-too-large"],
  ])("%s is refused", async (_what, body, contentType, status, code) => {
    const res = await call("/v1/PushNotifications", { method: "POST", body, headers: { "content-type": contentType } });
    expect(res.status).toBe(status);
    expect(await res.json()).toMatchObject({ code, status });
  });

  test("everything but health wants the account's credentials; Bull Board wants the admin's", async () => {
    for (const path of ["/v1/PushNotifications?operationId=x", "/v1/PushNotifications/x", "/anything"]) {
      const res = await call(path, { user: `${stack.credentials.accountId}:wrong` });
      expect(res.status).toBe(401);
      expect(res.headers.get("www-authenticate")).toMatch(/^Basic /);
    }
    expect((await fetch(`${stack.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${stack.url}/readyz`)).status).toBe(200);
    expect((await call("/admin/queues")).status).toBe(401);
    expect((await call("/admin/queues", { user: `admin:${stack.credentials.adminPassword}` })).status).toBe(200);
  });

  test("unknown ids, unknown paths and wrong methods are told apart", async () => {
    expect((await call("/v1/PushNotifications/Operations/comms_operation_01h2xcejqtf2nbrexx3vqjg000")).status).toBe(
      404,
    );
    expect((await call("/v1/PushNotifications/nonsense")).status).toBe(404);
    expect((await call("/v1/PushNotifications?operationId=nonsense")).status).toBe(400);
    expect((await call("/v1/nowhere")).status).toBe(404);
    expect((await call("/v1/PushNotifications", { method: "DELETE" })).status).toBe(405);
  });

  test("pages follow each other without a gap", async () => {
    const { operationId } = await stack.api.send({ to: someRecipients(25), content: { title: "x" } });
    await stack.completed(operationId);
    let next: string | null = `${stack.url}/v1/PushNotifications?operationId=${operationId}&pageSize=10`;
    const seen: string[] = [];
    while (next) {
      const res = await call(next.slice(stack.url.length));
      const page = (await res.json()) as {
        notifications: { to: { token: string }[] }[];
        pagination: { next: string | null };
      };
      seen.push(...page.notifications.map(({ to }) => to[0]?.token ?? ""));
      next = page.pagination.next;
    }
    expect(seen).toEqual(someRecipients(25).map(({ token }) => token));
  });
}
