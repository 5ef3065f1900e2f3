import { generateKeyPairSync } from "node:crypto";
import http2 from "node:http2";
import jwt from "jsonwebtoken";
import type { NewCustomer } from "./customers.js";
import { type Simulator, startSimulator } from "./start-simulator.js";

const pkcs8 = { type: "pkcs8", format: "pem" } as const;
const spki = { type: "spki", format: "pem" } as const;
const p256 = () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return { key: privateKey.export(pkcs8).toString(), publicKey: publicKey.export(spki).toString() };
};
const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export(pkcs8).toString();
const [rsaKey, otherRsaKey] = [rsa(), rsa()];
const ZEROS = "0".repeat(64);

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
afterEach(() => {
  simulator.customers.clear();
  simulator.received.clear();
});

interface Answer {
  status: number;
  body: {
    reason?: string;
    name?: string;
    access_token?: string;
    error?: { status: string; details?: { errorCode?: string; fieldViolations?: { field: string }[] }[] };
  };
}

function request(
  session: http2.ClientHttp2Session,
  path: string,
  headers: http2.OutgoingHttpHeaders,
  body: string,
): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ":path": path, ...headers });
    let status = 0;
    let text = "";
    stream.on("response", (received) => {
      status = Number(received[":status"]);
    });
    stream.on("data", (chunk) => {
      text += String(chunk);
    });
    stream.on("error", reject);
    stream.on("end", () => resolve({ status, body: text ? (JSON.parse(text) as Answer["body"]) : {} }));
    stream.end(body);
  });
}

async function connected<T>(origin: string, use: (session: http2.ClientHttp2Session) => Promise<T>): Promise<T> {
  const session = http2.connect(origin, { ca: simulator.ca });
  try {
    return await use(session);
  } finally {
    session.destroy();
  }
}

interface Signer {
  key: string;
  keyId: string;
  teamId: string;
}

const bearer = ({ key, keyId, teamId }: Signer) =>
  `bearer ${jwt.sign({ iss: teamId, iat: Math.floor(Date.now() / 1_000) }, key, { algorithm: "ES256", keyid: keyId })}`;

function apnsHeaders(signer: Signer, headers: http2.OutgoingHttpHeaders = {}): http2.OutgoingHttpHeaders {
  return { authorization: bearer(signer), "apns-topic": "com.acme.app", "apns-push-type": "alert", ...headers };
}

const push = (
  signer: Signer,
  { headers = {}, token = "t", environment = "production" }: Partial<ApnsPush> = {},
): Promise<Answer> =>
  connected(environment === "production" ? simulator.urls.apns : simulator.urls.apnsSandbox, (session) =>
    request(session, `/3/device/${token}`, apnsHeaders(signer, headers), '{"aps":{"alert":"x"}}'),
  );

interface ApnsPush {
  headers: http2.OutgoingHttpHeaders;
  token: string;
  environment: "production" | "sandbox";
}

/** Makes a team with a key known, and returns what it signs with. */
function team(extra: Partial<Extract<NewCustomer, { provider: "APN" }>> = {}): Signer {
  const { key, publicKey } = p256();
  const names = { keyId: "ACMEKEY001", teamId: "ACMETEAM01", ...extra };
  simulator.customers.add({ provider: "APN", key: publicKey, ...names });
  return { key, keyId: names.keyId, teamId: names.teamId };
}

describe("APNs keys", () => {
  test("a hundred apps with a hundred keys are each taken for what they are", async () => {
    const apps = Array.from({ length: 100 }, (_, n) => ({
      topic: `com.app.n${n}`,
      signer: team({ keyId: `KEY${n}`, teamId: `TEAM${n}`, topics: [`com.app.n${n}`] }),
    }));
    const answers = await Promise.all(
      apps.flatMap(({ topic, signer }, n) => [
        push(signer, { headers: { "apns-topic": topic } }),
        push(signer, { headers: { "apns-topic": `com.app.n${n + 1}` } }),
      ]),
    );
    const outcomes = answers.map(({ status, body }) => (status === 200 ? "200" : `${status} ${body.reason}`));
    expect(outcomes).toEqual(apps.flatMap(() => ["200", "400 TopicDisallowed"]));
  });

  test("the built-in customer stays, whatever is added or removed", async () => {
    const { customer, customers } = simulator;
    const builtIn = { key: customer.apnsKey, keyId: customer.apnsKeyId, teamId: customer.apnsTeamId };
    expect(() => customers.add({ provider: "APN", ...builtIn })).toThrow("built-in");
    team();
    customers.clear();
    expect((await push(builtIn, { headers: { "apns-topic": customer.apnsTopic } })).status).toBe(200);
    expect(customers.list().map(({ builtIn }) => builtIn)).toEqual([true, true]);
  });

  test.each<[string, (known: Signer) => Signer]>([
    ["an unknown key id", (known) => ({ ...known, keyId: "NOSUCHKEY1" })],
    ["another key than the one it names", (known) => ({ ...known, key: p256().key })],
    ["another team than the key's", (known) => ({ ...known, teamId: "OTHERTEAM1" })],
  ])("%s is an InvalidProviderToken, and on record", async (_what, spoil) => {
    const answer = await push(spoil(team()), { token: "refused" });
    expect(answer).toEqual({ status: 403, body: { reason: "InvalidProviderToken" } });
    const [entry] = simulator.received.newest(1, "refused");
    expect(entry).toMatchObject({ call: 0, outcome: "403 InvalidProviderToken", environment: "production" });
    expect(entry?.headers).toMatchObject({ "apns-topic": "com.acme.app" });
    expect(JSON.stringify(entry)).not.toMatch(/authorization|bearer/i);
  });

  test.each<[string, string[] | undefined, string, string, number]>([
    ["one of its topics", ["com.a", "com.b"], "com.b", "alert", 200],
    ["none of its topics", ["com.a", "com.b"], "com.c", "alert", 400],
    ["one of its topics with the suffix of the type", ["com.a"], "com.a.voip", "voip", 200],
    ["one of its topics without the suffix of the type", ["com.a"], "com.a", "voip", 400],
    ["any topic when it has no list", undefined, "com.whatever", "alert", 200],
    ["any topic, without the suffix of the type", undefined, "com.whatever", "voip", 400],
  ])("a key and %s", async (_what, topics, topic, type, status) => {
    const signer = team(topics ? { topics } : {});
    const answer = await push(signer, { headers: { "apns-topic": topic, "apns-push-type": type } });
    expect(answer).toEqual({ status, body: status === 200 ? {} : { reason: "TopicDisallowed" } });
  });

  test("a connection belongs to the first team that used it", async () => {
    const [first, second] = [team(), team({ keyId: "OTHERKEY01", teamId: "OTHERTEAM1" })];
    const outcomes = await connected(simulator.urls.apns, async (session) => {
      const send = async (headers: http2.OutgoingHttpHeaders) => {
        const { status, body } = await request(session, "/3/device/t", headers, '{"aps":{"alert":"x"}}');
        return body.reason ?? status;
      };
      const headers = apnsHeaders(first);
      return [await send(headers), await send(apnsHeaders(second)), await send(headers)];
    });
    expect(outcomes).toEqual([200, "InvalidProviderToken", 200]);
    expect((await push(second)).status).toBe(200);
  });

  test("a key that was revoked or replaced is refused on the connection that knew it", async () => {
    const headers = apnsHeaders(team());
    const reasons = await connected(simulator.urls.apns, async (session) => {
      const reason = async () => (await request(session, "/3/device/t", headers, '{"aps":{"alert":"x"}}')).body.reason;
      const before = await reason();
      team();
      const replaced = await reason();
      simulator.customers.clear();
      return [before, replaced, await reason()];
    });
    expect(reasons).toEqual([undefined, "InvalidProviderToken", "InvalidProviderToken"]);
  });

  test.each([
    ["apns-topic", "com.acme.app"],
    ["apns-id", "0b1f6a3c-8f7e-4c7d-9a55-0d3cf1a0a001"],
    ["apns-push-type", "alert"],
    ["apns-priority", "10"],
    ["apns-expiration", "0"],
    ["apns-collapse-id", "c"],
  ])("%s twice is DuplicateHeaders, once is none", async (name, value) => {
    const signer = team();
    expect((await push(signer, { headers: { [name]: value } })).status).toBe(200);
    expect(await push(signer, { headers: { [name]: [value, value] } })).toEqual({
      status: 400,
      body: { reason: "DuplicateHeaders" },
    });
  });

  test("a path that can not be decoded is a BadPath", async () => {
    expect(await push(team(), { token: "%zz" })).toEqual({ status: 404, body: { reason: "BadPath" } });
  });
});

describe("APNs environments", () => {
  test.each<[string, ApnsPush["environment"] | undefined, ApnsPush["environment"], string | undefined]>([
    ["a production key", "production", "production", undefined],
    ["a production key", "production", "sandbox", "BadEnvironmentKeyInToken"],
    ["a sandbox key", "sandbox", "sandbox", undefined],
    ["a sandbox key", "sandbox", "production", "BadEnvironmentKeyInToken"],
    ["a key for both", undefined, "sandbox", undefined],
    ["a key for both", undefined, "production", undefined],
  ])("%s (%s) in %s: %s", async (_what, of, environment, reason) => {
    const signer = team(of ? { environment: of } : {});
    const status = reason ? 403 : 200;
    expect(await push(signer, { environment })).toEqual({ status, body: reason ? { reason } : {} });
    expect(simulator.received.newest(1)).toMatchObject([
      { environment, outcome: reason ? `403 ${reason}` : "accept", call: reason ? 0 : 1 },
    ]);
  });

  test.each<[string, ApnsPush["environment"], string | undefined]>([
    ["sandbox-1", "production", "BadDeviceToken"],
    ["sandbox-1", "sandbox", undefined],
    ["production-1", "sandbox", "BadDeviceToken"],
    ["production-1", "production", undefined],
    [ZEROS, "production", "BadDeviceToken"],
    [ZEROS, "sandbox", "BadDeviceToken"],
    [`${ZEROS}0`, "production", undefined],
  ])("the device token %s in %s: %s", async (token, environment, reason) => {
    const status = reason ? 400 : 200;
    expect(await push(team(), { token, environment })).toEqual({ status, body: reason ? { reason } : {} });
  });
});

type Account = Extract<NewCustomer, { provider: "FCM" }>;

const account = (projectId: string, extra: Partial<Account> = {}): Account => ({
  provider: "FCM",
  projectId,
  clientEmail: `sender@${projectId}.iam.gserviceaccount.com`,
  key: rsaKey,
  ...extra,
});

function grant({ clientEmail, key }: Account): Promise<Answer> {
  const iat = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: clientEmail,
    scope: "https://www.googleapis.com/auth/firebase.messaging",
    aud: `${simulator.urls.fcm}/token`,
    iat,
    exp: iat + 3_600,
  };
  const assertion = jwt.sign(claims, key, { algorithm: "RS256" });
  const form = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
  return connected(simulator.urls.fcm, (session) => request(session, "/token", {}, form.toString()));
}

async function send(sender: Account, projectId: string, token = "t", extra: object = {}): Promise<Answer> {
  const authorization = `Bearer ${(await grant(sender)).body.access_token}`;
  const body = JSON.stringify({ ...extra, message: { token, notification: { title: "x" } } });
  return connected(simulator.urls.fcm, (session) =>
    request(session, `/v1/projects/${projectId}/messages:send`, { authorization }, body),
  );
}

describe("Firebase projects", () => {
  test("each service account sends in its own project, and in no other", async () => {
    const [acme, other] = [account("acme"), account("other", { key: otherRsaKey })];
    for (const known of [acme, other]) simulator.customers.add(known);
    const answers = await Promise.all([send(acme, "acme"), send(other, "other"), send(acme, "other")]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 403]);
    expect(answers[0]?.body.name).toMatch(/^projects\/acme\/messages\//);
  });

  test.each<[string, Partial<Account>, string, number, string]>([
    ["a project that nobody has", {}, "nowhere", 404, "NOT_FOUND"],
    ["another customer's project", {}, "fanfare-simulator", 403, "PERMISSION_DENIED"],
    ["its own project, without the permission", { allowed: false }, "acme", 403, "PERMISSION_DENIED"],
  ])("a send to %s is no FcmError, and on record", async (_what, extra, project, status, rpcStatus) => {
    const sender = account("acme", extra);
    simulator.customers.add(sender);
    const answer = await send(sender, project, "refused");
    expect(answer).toMatchObject({ status, body: { error: { status: rpcStatus } } });
    expect(answer.body.error?.details).toBeUndefined();
    const entries = simulator.received.newest(10, "refused");
    expect(entries).toMatchObject([{ provider: "FCM", call: 0, outcome: `${status} ${rpcStatus}` }]);
    expect(JSON.stringify(entries)).not.toMatch(/authorization|bearer/i);
    expect(simulator.received.counts("FCM")).toMatchObject({ total: 0, accepted: 0 });
  });

  test.each<[string, Account, string]>([
    ["an unknown service account", account("unknown"), "Invalid grant: account not found"],
    ["another key", account("acme", { key: otherRsaKey }), "Invalid JWT Signature."],
  ])("an assertion of %s gets no token, and is not kept", async (_what, sender, description) => {
    simulator.customers.add(account("acme"));
    expect(await grant(sender)).toEqual({
      status: 400,
      body: { error: "invalid_grant", error_description: description },
    });
    const entries = simulator.received.newest(10);
    expect(entries).toMatchObject([{ payload: { iss: sender.clientEmail }, outcome: "400 invalid_grant" }]);
    expect(JSON.stringify(entries)).not.toContain("eyJ");
  });

  test.each([ZEROS, "fcm-not-a-token-1", "bad-1"])(
    "the token %s is an INVALID_ARGUMENT of its field",
    async (token) => {
      const sender = account("acme");
      simulator.customers.add(sender);
      for (const extra of [{}, { validate_only: true }]) {
        const { status, body } = await send(sender, "acme", token, extra);
        const [fcmError, badRequest] = body.error?.details ?? [];
        expect([status, fcmError?.errorCode]).toEqual([400, "INVALID_ARGUMENT"]);
        expect(badRequest?.fieldViolations?.map(({ field }) => field)).toEqual(["message.token"]);
      }
    },
  );

  test("validate_only answers as a send would, delivers nothing and counts nothing", async () => {
    const sender = account("acme");
    simulator.customers.add(sender);
    const validate = async (token: string) => {
      const { status, body } = await send(sender, "acme", token, { validate_only: true });
      return [status, body.error?.details?.[0]?.errorCode ?? body.name];
    };
    expect(await validate("dead-1")).toEqual([404, "UNREGISTERED"]);
    expect(await validate("mismatch-1")).toEqual([403, "SENDER_ID_MISMATCH"]);
    expect(await validate("flaky-1-1")).toEqual([503, "UNAVAILABLE"]);
    expect(await validate("flaky-1-1")).toEqual([200, "projects/acme/messages/fake_message_id"]);
    expect(simulator.received.counts("FCM")).toMatchObject({ total: 0, accepted: 0, tokens: 0 });
    expect(simulator.received.newest(1)).toMatchObject([{ validateOnly: true, call: 2, outcome: "accept" }]);
    expect((await send(sender, "acme", "flaky-1-1")).status).toBe(503);
  });
});

describe("control API", () => {
  const control = (method: string, body?: object) =>
    fetch(`${simulator.urls.control}/customers`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
  const acme = { provider: "APN", teamId: "ACMETEAM01", keyId: "ACMEKEY001" } as const;

  test("customers are added, listed by name, and removed", async () => {
    const { key } = p256();
    const added = await control("POST", { ...acme, key, topics: ["com.acme.app"], environment: "sandbox" });
    expect(added.status).toBe(201);
    const names = { ...acme, topics: ["com.acme.app"], environment: "sandbox", builtIn: false };
    expect(await added.json()).toEqual(names);
    expect((await control("POST", account("acme", { allowed: false }))).status).toBe(201);
    expect((await push({ ...acme, key }, { environment: "sandbox" })).status).toBe(200);

    const listed = await (await control("GET")).text();
    expect(listed).not.toMatch(/PRIVATE|PUBLIC|"key"/);
    expect((JSON.parse(listed) as { customers: object[] }).customers).toEqual([
      expect.objectContaining({ keyId: "SIMULATOR1", builtIn: true }),
      names,
      expect.objectContaining({ projectId: "fanfare-simulator", builtIn: true }),
      expect.objectContaining({ projectId: "acme", allowed: false, builtIn: false }),
    ]);

    expect((await control("DELETE")).status).toBe(204);
    expect((await push({ ...acme, key }, { environment: "sandbox" })).body.reason).toBe("InvalidProviderToken");
    expect(simulator.customers.list()).toHaveLength(2);
  });

  test.each<[string, () => object, string]>([
    ["no known provider", () => ({ ...acme, provider: "WNS" }), "/provider"],
    ["a key that is none", () => ({ ...acme, key: "secret" }), "/key"],
    ["an RSA key for APNs", () => ({ ...acme, key: rsaKey }), "/key"],
    ["a P-256 key for FCM", () => ({ ...account("acme"), key: p256().key }), "/key"],
    ["an empty list of topics", () => ({ ...acme, key: p256().key, topics: [] }), "/topics"],
    ["the built-in key id", () => ({ ...acme, key: p256().key, keyId: "SIMULATOR1" }), "/keyId"],
  ])("a customer with %s is refused, and the field is named", async (_what, body, pointer) => {
    const res = await control("POST", body());
    expect(res.status).toBe(400);
    expect(await res.json()).toMatchObject({ errors: [{ pointer }] });
  });
});
