import http2 from "node:http2";
import jwt from "jsonwebtoken";
import { type Simulator, startSimulator } from "./start-simulator.js";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
afterEach(async () => {
  await fetch(`${simulator.urls.control}/behaviours`, { method: "DELETE" });
});

interface Answer {
  status: number;
  headers: http2.IncomingHttpHeaders;
  body: {
    reason?: string;
    timestamp?: number;
    name?: string;
    error?: { status: string; details?: { errorCode?: string; fieldViolations?: { field: string }[] }[] };
  };
}

async function post(
  origin: string,
  path: string,
  headers: http2.OutgoingHttpHeaders,
  body: string,
  method = "POST",
): Promise<Answer> {
  const session = http2.connect(origin, { ca: simulator.ca });
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const stream = session.request({ ":method": method, ":path": path, ...headers });
      let answered: http2.IncomingHttpHeaders = {};
      let text = "";
      stream.on("response", (received) => {
        answered = received;
      });
      stream.on("data", (chunk) => {
        text += String(chunk);
      });
      stream.on("error", reject);
      stream.on("end", () =>
        resolve({
          status: Number(answered[":status"]),
          headers: answered,
          body: text ? (JSON.parse(text) as Answer["body"]) : {},
        }),
      );
      stream.end(body);
    });
  } finally {
    session.destroy();
  }
}

function providerToken(fields: { iss?: string; iat?: number; keyid?: string } = {}): string {
  const { customer } = simulator;
  const { iss = customer.apnsTeamId, iat = Math.floor(Date.now() / 1_000), keyid = customer.apnsKeyId } = fields;
  return `bearer ${jwt.sign({ iss, iat }, customer.apnsKey, { algorithm: "ES256", keyid })}`;
}

const apns = (
  headers: http2.OutgoingHttpHeaders = {},
  { path = "/3/device/token", body = '{"aps":{"alert":"x"}}', method = "POST" } = {},
) =>
  post(
    simulator.urls.apns,
    path,
    {
      authorization: providerToken(),
      "apns-topic": simulator.customer.apnsTopic,
      "apns-push-type": "alert",
      ...headers,
    },
    body,
    method,
  );

const background = { "apns-push-type": "background", "apns-priority": "5" };

describe("APNs", () => {
  test("a right request is accepted, and its id comes back", async () => {
    const id = "0b1f6a3c-8f7e-4c7d-9a55-0d3cf1a0a001";
    expect(await apns({ "apns-id": id })).toMatchObject({ status: 200, headers: { "apns-id": id } });
  });

  test.each<[string, number, http2.OutgoingHttpHeaders, { path?: string; body?: string; method?: string }?]>([
    ["MethodNotAllowed", 405, {}, { method: "PUT" }],
    ["BadPath", 404, {}, { path: "/4/device/x" }],
    ["MissingDeviceToken", 400, {}, { path: "/3/device/" }],
    ["BadMessageId", 400, { "apns-id": "0B1F6A3C-8F7E-4C7D-9A55-0D3CF1A0A001" }],
    ["InvalidPushType", 400, { "apns-push-type": "loud" }],
    ["InvalidPushType", 400, {}, { body: '{"aps":{"content-available":1},"sync":"1"}' }],
    ["InvalidPushType", 400, {}, { body: '{"aps":{"mutable-content":1,"alert":null}}' }],
    ["InvalidPushType", 400, background, { body: '{"aps":{"content-available":1,"alert":{"title":"x"}}}' }],
    ["InvalidPushType", 400, background, { body: '{"aps":{"content-available":1,"sound":"ring"}}' }],
    ["InvalidPushType", 400, background, { body: '{"aps":{"content-available":1,"badge":0}}' }],
    ["InvalidPushType", 400, background, { body: '{"aps":{},"sync":"1"}' }],
    ["MissingTopic", 400, { "apns-topic": undefined }],
    ["TopicDisallowed", 400, { "apns-topic": "com.other" }],
    ["TopicDisallowed", 400, { "apns-push-type": "voip" }],
    ["BadPriority", 400, { "apns-priority": "7" }],
    ["BadPriority", 400, { "apns-push-type": "background", "apns-priority": "10" }],
    ["BadExpirationDate", 400, { "apns-expiration": "tomorrow" }],
    ["BadCollapseId", 400, { "apns-collapse-id": "x".repeat(65) }],
    ["PayloadEmpty", 400, {}, { body: "" }],
    ["PayloadEmpty", 400, {}, { body: "[]" }],
    ["PayloadTooLarge", 413, {}, { body: JSON.stringify({ aps: { alert: "x".repeat(4_100) } }) }],
    ["InvalidProviderToken", 403, { authorization: "bearer nonsense" }],
  ])("%s is answered with %d", async (reason, status, headers, request = {}) => {
    expect(await apns(headers, request)).toMatchObject({ status, body: { reason } });
  });

  test.each([
    ["an alert without text but with a badge", {}, '{"aps":{"badge":0},"sync":"1"}'],
    ["a background push", background, '{"aps":{"content-available":1},"sync":"1"}'],
    ["an alert that wakes the app besides", {}, '{"aps":{"alert":"x","content-available":1}}'],
  ])("%s is of the type that its header says", async (_what, headers, body) => {
    expect(await apns(headers, { body })).toMatchObject({ status: 200 });
  });

  test.each([
    ["a wrong team", { iss: "OTHERTEAM1" }, "InvalidProviderToken"],
    ["a wrong key id", { keyid: "OTHERKEY01" }, "InvalidProviderToken"],
    ["an age of more than an hour", { iat: Math.floor(Date.now() / 1_000) - 3_700 }, "ExpiredProviderToken"],
  ])("a provider token with %s is refused", async (_what, fields, reason) => {
    expect(await apns({ authorization: providerToken(fields) })).toMatchObject({ status: 403, body: { reason } });
  });

  test("a request without a provider token is refused", async () => {
    const headers = { "apns-topic": simulator.customer.apnsTopic, "apns-push-type": "alert" };
    const answer = await post(simulator.urls.apns, "/3/device/t", headers, '{"aps":{"alert":"x"}}');
    expect(answer).toMatchObject({ status: 403, body: { reason: "MissingProviderToken" } });
  });

  test("a provider token that changes within 20 minutes makes that connection unusable, for the first one too", async () => {
    const session = http2.connect(simulator.urls.apns, { ca: simulator.ca });
    const status = (authorization: string) =>
      new Promise<number>((resolve) => {
        const headers = { "apns-topic": simulator.customer.apnsTopic, "apns-push-type": "alert", authorization };
        const stream = session.request({ ":method": "POST", ":path": "/3/device/update", ...headers });
        stream.on("response", (received) => resolve(Number(received[":status"])));
        stream.end('{"aps":{"alert":"x"}}');
      });
    const [first, second] = [providerToken(), providerToken({ iat: Math.floor(Date.now() / 1_000) - 60 })];
    expect([await status(first), await status(second), await status(first)]).toEqual([200, 429, 429]);
    session.destroy();
  });

  test("one stream is allowed on a connection until a request has succeeded, then many", async () => {
    const session = http2.connect(simulator.urls.apns, { ca: simulator.ca });
    const limits: (number | undefined)[] = [];
    session.on("remoteSettings", (settings) => limits.push(settings.maxConcurrentStreams));
    const answered = new Promise((resolve) =>
      session.on("remoteSettings", () => limits.length === 2 && resolve(undefined)),
    );
    session
      .request({
        ":method": "POST",
        ":path": "/3/device/one",
        authorization: providerToken(),
        "apns-topic": simulator.customer.apnsTopic,
        "apns-push-type": "alert",
      })
      .end('{"aps":{"alert":"x"}}');
    await answered;
    session.destroy();
    expect(limits).toEqual([1, 1_000]);
  });
});

async function accessToken(): Promise<string> {
  const account = JSON.parse(simulator.customer.fcmServiceAccount) as Record<string, string>;
  const iat = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: account.client_email,
    scope: "https://www.googleapis.com/auth/firebase.messaging",
    aud: account.token_uri,
    iat,
    exp: iat + 3_600,
  };
  const assertion = jwt.sign(claims, account.private_key as string, { algorithm: "RS256" });
  const form = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion }).toString();
  const { body } = await post(simulator.urls.fcm, "/token", {}, form);
  return `Bearer ${(body as { access_token?: string }).access_token}`;
}

async function fcm(message: object, { project = "fanfare-simulator", authorization = "" } = {}): Promise<Answer> {
  const headers = { authorization: authorization || (await accessToken()) };
  return post(simulator.urls.fcm, `/v1/projects/${project}/messages:send`, headers, JSON.stringify({ message }));
}

const forApple = (type: string | undefined, aps: object, priority = "5") => ({
  headers: { ...(type && { "apns-push-type": type }), "apns-priority": priority },
  payload: { aps },
});

describe("FCM", () => {
  test("a right message is accepted and gets a name", async () => {
    expect(await fcm({ token: "t", notification: { title: "x" } })).toMatchObject({
      status: 200,
      body: { name: expect.stringMatching(/^projects\/fanfare-simulator\/messages\//) as unknown },
    });
  });

  test.each<[string, object, string]>([
    ["two targets", { token: "t", topic: "u" }, "message"],
    ["no target", {}, "message"],
    ["an unknown field", { token: "t", sound: "x" }, "message"],
    ["data that is no string", { token: "t", data: { a: 1 } }, "message.data.a"],
    ["a reserved key", { token: "t", data: { from: "x" } }, "message.data[from]"],
    ["a TTL that is no duration", { token: "t", android: { ttl: "60" } }, "message.android.ttl"],
    ["a TTL of more than 28 days", { token: "t", android: { ttl: "2419201s" } }, "message.android.ttl"],
    ["an unknown priority", { token: "t", android: { priority: "urgent" } }, "message.android.priority"],
    [
      "text in the background",
      { token: "t", notification: { title: "x" }, apns: forApple("background", { "content-available": 1 }) },
      "message.apns.headers[apns-push-type]",
    ],
    [
      "a sound in the background",
      { token: "t", apns: forApple("background", { "content-available": 1, sound: "x" }) },
      "message.apns.headers[apns-push-type]",
    ],
    [
      "what wakes an app and is no background push",
      { token: "t", apns: forApple(undefined, { "content-available": 1 }) },
      "message.apns.headers[apns-push-type]",
    ],
    [
      "priority 10 in the background",
      { token: "t", apns: forApple("background", { "content-available": 1 }, "10") },
      "message.apns.headers[apns-priority]",
    ],
    [
      "a header that none can be",
      { token: "t", apns: { headers: { "apns-collapse-id": "日" } } },
      "message.apns.headers[apns-collapse-id]",
    ],
    ["a payload over 4,096 bytes", { token: "t", data: { a: "x".repeat(4_100) } }, "message"],
  ])("%s is an INVALID_ARGUMENT that names the field", async (_what, message, field) => {
    const { status, body } = await fcm(message);
    expect(status).toBe(400);
    expect(body.error?.details?.map(({ errorCode }) => errorCode)).toContain("INVALID_ARGUMENT");
    expect(
      body.error?.details?.flatMap(({ fieldViolations = [] }) => fieldViolations.map((violation) => violation.field)),
    ).toContain(field);
  });

  test("a wrong access token and a wrong project are no FcmError", async () => {
    const refused = await fcm({ token: "t" }, { authorization: "Bearer guess" });
    expect(refused).toMatchObject({ status: 401, body: { error: { status: "UNAUTHENTICATED" } } });
    expect(refused.body.error?.details).toBeUndefined();
    expect(await fcm({ token: "t" }, { project: "other" })).toMatchObject({
      status: 404,
      body: { error: { status: "NOT_FOUND" } },
    });
  });

  test("an assertion that another key signed gets no token", async () => {
    const form = new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion: jwt.sign({}, "guess"),
    });
    expect(await post(simulator.urls.fcm, "/token", {}, form.toString())).toMatchObject({
      status: 400,
      body: { error: "invalid_grant" },
    });
  });
});

describe("outcomes by token", () => {
  test.each<[string, [number, string?][], [number, string?][]]>([
    ["dead-1", [[410, "Unregistered"]], [[404, "UNREGISTERED"]]],
    ["bad-1", [[400, "BadDeviceToken"]], [[400, "INVALID_ARGUMENT"]]],
    ["mismatch-1", [[400, "DeviceTokenNotForTopic"]], [[403, "SENDER_ID_MISMATCH"]]],
    [
      "flaky-2-1",
      [[503, "ServiceUnavailable"], [503, "ServiceUnavailable"], [200]],
      [[503, "UNAVAILABLE"], [503, "UNAVAILABLE"], [200]],
    ],
    ["throttle-1-1", [[429, "TooManyRequests"], [200]], [[429, "QUOTA_EXCEEDED"], [200]]],
    ["error500-1", [[500, "InternalServerError"]], [[500, "INTERNAL"]]],
    ["any-1", [[200], [200]], [[200], [200]]],
  ])("%s", async (token, fromApns, fromFcm) => {
    for (const [status, reason] of fromApns) {
      expect(await apns({}, { path: `/3/device/${token}` })).toMatchObject({ status, body: reason ? { reason } : {} });
    }
    for (const [status, errorCode] of fromFcm) {
      const answer = await fcm({ token });
      expect(answer.status).toBe(status);
      expect(answer.body.error?.details?.[0]?.errorCode).toBe(errorCode);
    }
  });

  test("410 says since when, in milliseconds", async () => {
    const { body } = await apns({}, { path: "/3/device/dead-2" });
    expect(Math.abs((body.timestamp ?? 0) - Date.now())).toBeLessThan(60_000);
  });
});

describe("control API", () => {
  const control = (path: string, init: { method?: string; body?: object } = {}) =>
    fetch(`${simulator.urls.control}${path}`, {
      method: init.method ?? "GET",
      headers: { "content-type": "application/json" },
      ...(init.body && { body: JSON.stringify(init.body) }),
    });

  test("a scripted behaviour goes before the token's own, as often as it says", async () => {
    const behaviour = { kind: "refuse", status: 403, code: "InvalidProviderToken" };
    expect(
      (
        await control("/behaviours", {
          method: "POST",
          body: { provider: "APN", tokenPrefix: "scripted-", behaviour, times: 1 },
        })
      ).status,
    ).toBe(201);
    const path = "/3/device/scripted-1";
    expect((await apns({}, { path })).body.reason).toBe("InvalidProviderToken");
    expect((await apns({}, { path })).status).toBe(200);
  });

  test("what was received is shown without the credential, and counted per token", async () => {
    await control("/received", { method: "DELETE" });
    await apns({}, { path: "/3/device/counted" });
    await apns({}, { path: "/3/device/counted" });
    const { requests } = (await (await control("/received?token=counted")).json()) as {
      requests: { headers: object; call: number }[];
    };
    expect(requests.map(({ call }) => call)).toEqual([1, 2]);
    expect(Object.keys(requests[0]?.headers ?? {})).not.toContain("authorization");
    expect(await (await control("/counts?provider=APN")).json()).toMatchObject({
      APN: { total: 2, accepted: 2, tokens: 1, acceptedMoreThanOnce: 1 },
    });
    expect(await (await control("/counts/tokens")).text()).toBe(
      '{"provider":"APN","token":"counted","calls":2,"accepted":2}\n',
    );
  });

  test("a behaviour that makes no sense is refused, and the field is named", async () => {
    const res = await control("/behaviours", {
      method: "POST",
      body: { behaviour: { kind: "refuse", status: 200, code: "x" } },
    });
    expect(res.status).toBe(400);
    expect(await res.json()).toMatchObject({ errors: [{ pointer: "/behaviour/status" }] });
  });
});
