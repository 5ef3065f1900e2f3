import { APNS_RULES, createApnsClient, createApnsProviderToken } from "@fanfare/apns-worker";
import { createSessionPool, type PushClient, SESSION_OPENERS, type SendResult } from "@fanfare/delivery";
import { fcmContentSchema, mintOperationId } from "@fanfare/domain";
import { createFcmAccessToken, createFcmClient, FCM_RULES, GOOGLE_RULES } from "@fanfare/fcm-worker";
import { APNS_CODES, FCM_CODES, type Simulator, startSimulator } from "@fanfare/simulator";
import { aMessage } from "@fanfare/testkit";

// Each row of the outcome tables, through real HTTP/2 from the simulator to the client.

let simulator: Simulator;
let closeAll: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  simulator = await startSimulator({ accessTokenSeconds: 2 });
});
afterEach(async () => {
  for (const close of closeAll) await close();
  closeAll = [];
  simulator.behaviours.reset();
});
afterAll(() => simulator.close());

function poolTo(origin: string) {
  const sender = createSessionPool({ open: (events) => SESSION_OPENERS.fanfare({ origin, ca: simulator.ca }, events) });
  closeAll.push(() => sender.close());
  return sender;
}

function apns(): PushClient {
  const { apnsKey: key, apnsKeyId: keyId, apnsTeamId: teamId, apnsTopic: bundleId } = simulator.customer;
  // 25 minutes pass from each look to the next: whatever the time of day, a token is old enough to be replaced.
  let elapsedMs = 0;
  const monotonicMs = () => (elapsedMs += 1_500_000);
  const providerToken = createApnsProviderToken({ key, keyId, teamId, monotonicMs });
  const sender = poolTo(simulator.urls.apns);
  return createApnsClient({ app: { bundleId }, providerToken, sender, onClose: async () => undefined });
}

function fcm(projectId?: string): PushClient {
  const serviceAccount = fcmContentSchema.parse(JSON.parse(simulator.customer.fcmServiceAccount));
  const tokenUrl = `${simulator.urls.fcm}/token`;
  const accessToken = createFcmAccessToken({ serviceAccount, tokenUrl, ca: simulator.ca });
  const sender = poolTo(simulator.urls.fcm);
  return createFcmClient({ projectId: projectId ?? serviceAccount.project_id, accessToken, sender });
}

function send(client: PushClient, token: string): Promise<SendResult> {
  const operation = { id: mintOperationId(), message: aMessage(), expiresAt: new Date(Date.now() + 3_600_000) };
  return new Promise((resolve) => client.prepare(operation).send({ ordinal: 1, token }, resolve));
}

const outcomeOf = async (client: PushClient, token: string) => {
  const result = await send(client, token);
  return result.kind === "attempted" ? result.outcome : result;
};

test.each(APNS_RULES)("APNs $status $reason", async ({ status, reason, verdict, meaning }) => {
  const behaviour = { kind: "refuse", status, code: reason } as const;
  simulator.behaviours.script({ provider: "APN", token: "row", behaviour });
  const outcome = await outcomeOf(apns(), "row");
  expect(outcome).toMatchObject({ code: reason, httpStatus: status, detail: meaning });
  expect("blame" in outcome ? outcome.blame : outcome.kind).toBe(verdict);
});

test.each(FCM_RULES)("FCM $status $errorCode", async ({ status, errorCode, verdict }) => {
  const behaviour = { kind: "refuse", status, code: errorCode } as const;
  simulator.behaviours.script({ provider: "FCM", token: "row", behaviour });
  const outcome = await outcomeOf(fcm(), "row");
  expect(outcome).toMatchObject({ code: errorCode, httpStatus: status });
  // The simulator objects to the token, by the field's name: of all invalid arguments that one is the token's fault.
  const expected = errorCode === "INVALID_ARGUMENT" ? "token" : verdict;
  expect("blame" in outcome ? outcome.blame : outcome.kind).toBe(expected);
});

test.each(GOOGLE_RULES)("Google $status $errorCode, without an FcmError", async ({ status, errorCode, verdict }) => {
  const behaviour = { kind: "refuse", status, code: errorCode } as const;
  simulator.behaviours.script({ provider: "FCM", token: "row", behaviour });
  expect(await outcomeOf(fcm(), "row")).toMatchObject({ code: errorCode, httpStatus: status, blame: verdict });
});

describe("an answer that no table knows:", () => {
  const APN = { provider: "APN", client: () => apns() } as const;
  const FCM = { provider: "FCM", client: () => fcm() } as const;
  const request = { kind: "rejected", blame: "request" };

  test.each([
    [APN, { kind: "refuse", status: 400, code: "NewReason" }, { ...request, code: "NewReason" }],
    [APN, { kind: "refuse", status: 410, code: "NewReason" }, { ...request, code: "NewReason" }],
    [APN, { kind: "refuse", status: 503, code: "NewReason" }, { kind: "retry", code: "NewReason" }],
    [FCM, { kind: "refuse", status: 400, code: "NEW_CODE" }, { ...request, code: "NEW_CODE" }],
    [FCM, { kind: "refuse", status: 404, code: "NEW_CODE" }, { ...request, code: "NEW_CODE" }],
    [FCM, { kind: "refuse", status: 504, code: "NEW_CODE" }, { kind: "retry", code: "NEW_CODE" }],
    [APN, { kind: "html", status: 502 }, { kind: "retry", code: "HTTP_502" }],
    [FCM, { kind: "html", status: 502 }, { kind: "retry", code: "HTTP_502" }],
    [FCM, { kind: "html", status: 404 }, { kind: "rejected", blame: "credential", code: "HTTP_404" }],
    [APN, { kind: "empty", status: 400 }, { ...request, code: "HTTP_400" }],
    [FCM, { kind: "empty", status: 503 }, { kind: "retry", code: "HTTP_503" }],
    [APN, { kind: "cutBody", status: 410, code: "Unregistered" }, { ...request, code: "HTTP_410" }],
    [FCM, { kind: "cutBody", status: 404, code: "UNREGISTERED" }, { blame: "credential", code: "HTTP_404" }],
    [FCM, { kind: "cutBody", status: 200 }, { kind: "accepted", providerMessageId: "" }],
  ] as const)("%j, %j is %j: no token is blamed", async ({ provider, client }, behaviour, expected) => {
    simulator.behaviours.script({ provider, token: "row", behaviour });
    expect(await outcomeOf(client(), "row")).toMatchObject(expected);
  });
});

describe("every code that the simulator can send is a row, and every row can be sent:", () => {
  const sorted = (rows: string[]) => rows.sort((a, b) => a.localeCompare(b));

  test("APNs", () => {
    const sent = APNS_CODES.map(({ status, reason }) => `${status} ${reason}`);
    expect(sorted(sent)).toEqual(sorted(APNS_RULES.map(({ status, reason }) => `${status} ${reason}`)));
  });

  test("FCM, with an FcmError and without", () => {
    const sent = FCM_CODES.map(({ status, code, hasFcmError }) => `${status} ${code} ${hasFcmError}`);
    const rows = (rules: typeof FCM_RULES, hasFcmError: boolean) =>
      rules.map(({ status, errorCode }) => `${status} ${errorCode} ${hasFcmError}`);
    expect(sorted(sent)).toEqual(sorted([...rows(FCM_RULES, true), ...rows(GOOGLE_RULES, false)]));
  });
});

describe("errors of Google's front end, without an FcmError", () => {
  test("NOT_FOUND: a project that does not exist", async () => {
    expect(await outcomeOf(fcm("nobody"), "row")).toMatchObject({ blame: "credential", code: "NOT_FOUND" });
  });

  test("PERMISSION_DENIED: a project that is somebody else's", async () => {
    const { customer, customers } = simulator;
    customers.add({
      ...{ provider: "FCM", projectId: "theirs", clientEmail: "them@theirs.iam.gserviceaccount.com" },
      key: JSON.parse(customer.fcmServiceAccount).private_key as string,
    });
    expect(await outcomeOf(fcm("theirs"), "row")).toMatchObject({ blame: "credential", code: "PERMISSION_DENIED" });
  });
});

test("access tokens that live for two seconds are refreshed in time: no send is refused", async () => {
  const client = fcm();
  const until = Date.now() + 5_000;
  let sent = 0;
  while (Date.now() < until) {
    expect(await outcomeOf(client, `short-lived-${sent}`)).toMatchObject({ kind: "accepted" });
    sent++;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(sent).toBeGreaterThan(20);
});

test("a payload over the limit to 1,000 tokens calls no provider and blames no token", async () => {
  const client = fcm();
  const message = aMessage({ content: { title: "x".repeat(4_000), body: "y".repeat(1_000) } });
  const prepared = client.prepare({ id: mintOperationId(), message, expiresAt: new Date(Date.now() + 60_000) });
  const before = simulator.received.counts("FCM").total;
  const results = await Promise.all(
    Array.from(
      { length: 1_000 },
      (_, ordinal) => new Promise<SendResult>((resolve) => prepared.send({ ordinal, token: `t${ordinal}` }, resolve)),
    ),
  );
  expect(new Set(results.map((result) => result.kind))).toEqual(new Set(["unsendable"]));
  expect(simulator.received.counts("FCM").total).toBe(before);
});
