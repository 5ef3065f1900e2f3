import http2 from "node:http2";
import https from "node:https";
import { jest } from "@jest/globals";
import jwt from "jsonwebtoken";
import { APNS_CODES } from "./apns/codes.js";
import type { Behaviour } from "./behaviours.js";
import { FCM_CODES } from "./fcm/codes.js";
import { type Simulator, startSimulator } from "./start-simulator.js";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(async () => {
  await control("DELETE", "/faults");
  await control("PUT", "/access-token-lifetime", { seconds: 3_600 });
  await control("PUT", "/provider-token-limits", { maxAgeSeconds: 3_600, minUpdateSeconds: 1_200 });
  simulator.behaviours.reset();
});
afterAll(() => simulator.close());

const control = (method: string, path: string, body?: object): Promise<Response> =>
  fetch(`${simulator.urls.control}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });

interface Answer {
  status: number;
  type: unknown;
  retryAfter?: unknown;
  body: string;
  chunks: number;
  rstCode: number;
}

function request(session: http2.ClientHttp2Session, headers: http2.OutgoingHttpHeaders, sent: string): Promise<Answer> {
  const stream = session.request({ ":method": "POST", ...headers });
  let [status, type, retryAfter, body, chunks] = [0, undefined as unknown, undefined as unknown, "", 0];
  stream.on("response", (received) => {
    [status, type, retryAfter] = [Number(received[":status"]), received["content-type"], received["retry-after"]];
  });
  stream.on("data", (chunk) => {
    body += String(chunk);
    chunks++;
  });
  stream.on("error", () => undefined);
  stream.end(sent);
  return new Promise((resolve) =>
    stream.on("close", () => resolve({ status, type, retryAfter, body, chunks, rstCode: stream.rstCode ?? 0 })),
  );
}

async function connected<T>(origin: string, use: (session: http2.ClientHttp2Session) => Promise<T>): Promise<T> {
  const session = http2.connect(origin, { ca: simulator.ca });
  try {
    return await use(session);
  } finally {
    session.destroy();
  }
}

function providerToken(ageSeconds = 0): string {
  const { apnsKey, apnsKeyId, apnsTeamId } = simulator.customer;
  const claims = { iss: apnsTeamId, iat: Math.floor(Date.now() / 1_000) - ageSeconds };
  return `bearer ${jwt.sign(claims, apnsKey, { algorithm: "ES256", keyid: apnsKeyId })}`;
}

const apnsHeaders = (authorization: string) => ({
  ...{ ":path": "/3/device/row", authorization },
  ...{ "apns-topic": simulator.customer.apnsTopic, "apns-push-type": "alert" },
});
const apns = () =>
  connected(simulator.urls.apns, (session) => request(session, apnsHeaders(providerToken()), '{"aps":{"alert":"x"}}'));

function tokenForm(): string {
  const account = JSON.parse(simulator.customer.fcmServiceAccount) as Record<string, string>;
  const iat = Math.floor(Date.now() / 1_000);
  const scope = "https://www.googleapis.com/auth/firebase.messaging";
  const claims = { iss: account.client_email, scope, aud: account.token_uri, iat, exp: iat + 3_600 };
  const assertion = jwt.sign(claims, account.private_key as string, { algorithm: "RS256" });
  const form = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
  return new URLSearchParams(form).toString();
}

const grant = () => connected(simulator.urls.fcm, (session) => request(session, { ":path": "/token" }, tokenForm()));

async function authorize(): Promise<string> {
  return `Bearer ${(JSON.parse((await grant()).body) as { access_token: string }).access_token}`;
}

const send = (authorization: string) =>
  connected(simulator.urls.fcm, (session) =>
    request(
      session,
      { ":path": `/v1/projects/${simulator.customer.fcmProjectId}/messages:send`, authorization },
      '{"message":{"token":"row"}}',
    ),
  );

async function fcm(behaviour: Behaviour): Promise<Answer> {
  const answered = await control("POST", "/behaviours", { provider: "FCM", behaviour, times: 1 });
  expect(answered.status).toBe(201);
  return send(await authorize());
}

test.each(APNS_CODES)("APNs sends $status $reason", async ({ status, reason }) => {
  simulator.behaviours.script({ provider: "APN", behaviour: { kind: "refuse", status, code: reason }, times: 1 });
  const { body, ...answer } = await apns();
  expect(answer).toMatchObject({ status, type: "application/json" });
  expect(JSON.parse(body)).toMatchObject({ reason });
  expect(simulator.received.newest(1)).toMatchObject([{ outcome: `${status} ${reason}` }]);
});

test.each(FCM_CODES)("FCM sends $status $code, with an FcmError: $hasFcmError", async (known) => {
  const { status, code, rpcStatus, hasFcmError } = known;
  const answer = await fcm({ kind: "refuse", status, code });
  const { error } = JSON.parse(answer.body) as { error: { status: string; details?: { errorCode?: string }[] } };
  expect(answer.status).toBe(status);
  expect(error.status).toBe(rpcStatus);
  expect(error.details?.map(({ errorCode }) => errorCode).find(Boolean)).toBe(hasFcmError ? code : undefined);
});

test.each(["device", "project"] as const)("a quota of the %s says so", async (quota) => {
  const { body } = await fcm({ kind: "refuse", status: 429, code: "QUOTA_EXCEEDED", quota });
  const { details } = (JSON.parse(body) as { error: { details: object[] } }).error;
  expect(details[1]).toMatchObject({
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    violations: [{ subject: expect.stringContaining(quota) as string }],
  });
});

test("all codes are listed", async () => {
  expect(await (await control("GET", "/codes")).json()).toEqual({ APN: APNS_CODES, FCM: FCM_CODES });
});

test("a body that is cut off: of the acceptance and of a refusal", async () => {
  const { body: accepted, ...answer } = await fcm({ kind: "cutBody", status: 200 });
  expect(answer).toMatchObject({ status: 200, rstCode: http2.constants.NGHTTP2_INTERNAL_ERROR });
  expect(accepted).toMatch(/^\{"name":"proj/);
  expect(() => JSON.parse(accepted) as unknown).toThrow();
  const refused = await fcm({ kind: "cutBody", status: 404, code: "UNREGISTERED" });
  expect(refused).toMatchObject({ status: 404, body: expect.stringMatching(/^\{"error":\{"code":404/) as string });
});

test("an answer that comes byte by byte", async () => {
  const { status, body, chunks } = await fcm({ kind: "drip", delayMs: 2 });
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ name: expect.any(String) as string });
  expect(chunks).toBeGreaterThan(body.length / 2);
  simulator.behaviours.script({ provider: "APN", behaviour: { kind: "drip" }, times: 1 });
  expect(await apns()).toMatchObject({ status: 200, body: "" });
});

test("a page of HTML is 502 where nothing is said", async () => {
  expect(await fcm({ kind: "html" } as Behaviour)).toMatchObject({ status: 502, type: "text/html" });
});

test("faults of the token endpoint: it fails, is slow, answers with a page", async () => {
  const issued = async () => (await (await control("GET", "/counts")).json()) as { accessTokensIssued: number };
  const before = await issued();
  await control("POST", "/faults", { provider: "OAUTH", kind: "fail", times: 1 });
  expect(await grant()).toMatchObject({ status: 503, body: expect.stringContaining("internal_failure") as string });
  expect(await issued()).toMatchObject({ accessTokensIssued: before.accessTokensIssued });
  const headers = { "retry-after": "7" };
  await control("POST", "/faults", { provider: "OAUTH", kind: "fail", status: 429, headers, times: 1 });
  expect(await grant()).toMatchObject({ status: 429, retryAfter: "7" });
  await control("POST", "/faults", { provider: "OAUTH", kind: "html", times: 1 });
  expect(await grant()).toMatchObject({ status: 502, type: "text/html" });
  await control("POST", "/faults", { provider: "OAUTH", kind: "slow", delayMs: 150, times: 1 });
  const startedAt = Date.now();
  expect(await grant()).toMatchObject({ status: 200 });
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(140);
  const { faults } = (await (await control("GET", "/counts")).json()) as { faults: object };
  expect(faults).toMatchObject({ "oauth fail": 2, "oauth html": 1, "oauth slow": 1 });
});

test("faults of the token endpoint over HTTP/1.1", async () => {
  await control("POST", "/faults", { provider: "OAUTH", kind: "html", status: 504 });
  const answer = await new Promise<object>((resolve, reject) => {
    const req = https.request(`${simulator.urls.fcm}/token`, { method: "POST", ca: simulator.ca }, (res) => {
      res.resume();
      resolve({ status: res.statusCode, type: res.headers["content-type"] });
    });
    req.on("error", reject).end(tokenForm());
  });
  expect(answer).toEqual({ status: 504, type: "text/html" });
});

/** What the simulator, in this process, takes for now. */
function putClockForward(seconds: number) {
  const now = Date.now;
  return jest.spyOn(Date, "now").mockImplementation(() => now() + seconds * 1_000);
}

test("access tokens live as long as is said, and can be revoked", async () => {
  await control("PUT", "/access-token-lifetime", { seconds: 60 });
  const short = await authorize();
  expect(await send(short)).toMatchObject({ status: 200 });
  const clock = putClockForward(61);
  expect(await send(short)).toMatchObject({ status: 401 });
  clock.mockRestore();
  await control("PUT", "/access-token-lifetime", { seconds: 3_600 });
  const long = await authorize();
  await control("DELETE", "/access-tokens");
  expect(await send(long)).toMatchObject({ status: 401 });
});

test("a connection that saw a provider token expire is wedged, whatever token comes after", async () => {
  await control("PUT", "/provider-token-limits", { maxAgeSeconds: 60 });
  const reasons = await connected(simulator.urls.apns, async (session) => {
    const reason = async (token: string) => (await request(session, apnsHeaders(token), '{"aps":{"alert":"x"}}')).body;
    return [await reason(providerToken(120)), await reason(providerToken(0)), await reason("bearer nonsense")];
  });
  expect(reasons).toEqual(Array(3).fill('{"reason":"ExpiredProviderToken"}'));
  expect(await apns()).toMatchObject({ status: 200 });
});

test("a connection is unusable after too early an update of its provider token until enough time has passed", async () => {
  await control("PUT", "/provider-token-limits", { minUpdateSeconds: 600 });
  const [first, second] = [providerToken(2), providerToken(1)];
  const statuses = await connected(simulator.urls.apns, async (session) => {
    const status = async (token: string) =>
      (await request(session, apnsHeaders(token), '{"aps":{"alert":"x"}}')).status;
    const early = [await status(first), await status(second), await status(first)];
    const clock = putClockForward(601);
    const later = await status(second);
    clock.mockRestore();
    return [...early, later];
  });
  expect(statuses).toEqual([200, 429, 429, 200]);
});
