import http2 from "node:http2";
import { patient, until } from "@fanfare/testkit";
import jwt from "jsonwebtoken";
import { type Simulator, startSimulator } from "./start-simulator.js";

let simulator: Simulator;
let session: http2.ClientHttp2Session;
let goaways: { code: number; last: number; data: string }[];
beforeAll(async () => {
  simulator = await startSimulator();
});
beforeEach(async () => {
  session = await connect();
});
afterEach(async () => {
  session.destroy();
  await control("DELETE", "/faults");
  simulator.behaviours.reset();
  simulator.received.clear();
});
afterAll(() => simulator.close());

function connect(): Promise<http2.ClientHttp2Session> {
  const opened = http2.connect(simulator.urls.apns, { ca: simulator.ca });
  goaways = [];
  opened.on("error", () => undefined);
  opened.on("goaway", (code, last, data) => {
    goaways.push({ code, last, data: Buffer.from(data ?? []).toString() });
  });
  return new Promise((resolve, reject) => {
    opened.once("remoteSettings", () => resolve(opened));
    opened.once("close", () => reject(new Error("The connection could not be opened.")));
  });
}

let authorization: string | undefined;

/** One token for all: APNs wants it so. */
function authorize(): string {
  const { apnsKey, apnsKeyId, apnsTeamId } = simulator.customer;
  authorization ??= `bearer ${jwt.sign({ iss: apnsTeamId }, apnsKey, { algorithm: "ES256", keyid: apnsKeyId })}`;
  return authorization;
}

function push(token = "any"): Promise<{ status: number; rstCode: number }> {
  const stream = session.request({
    ...{ ":method": "POST", ":path": `/3/device/${token}`, authorization: authorize() },
    ...{ "apns-topic": simulator.customer.apnsTopic, "apns-push-type": "alert" },
  });
  let status = 0;
  stream.on("response", (headers) => {
    status = Number(headers[":status"]);
  });
  stream.on("error", () => undefined);
  stream.resume().end('{"aps":{"alert":"x"}}');
  return new Promise((resolve) => stream.on("close", () => resolve({ status, rstCode: stream.rstCode ?? 0 })));
}

const control = (method: string, path: string, body?: object): Promise<Response> =>
  fetch(`${simulator.urls.control}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });

async function fault(given: object): Promise<void> {
  expect((await control("POST", "/faults", { provider: "APN", ...given })).status).toBe(201);
}

const next = (event: string) => new Promise((resolve) => session.once(event, resolve));
const list = async () => ((await (await control("GET", "/faults")).json()) as { faults: object[] }).faults;
const acceptedOf = (token: string) => [...simulator.received.tokens()].find((each) => each.token === token)?.accepted;
const faultCounts = async () =>
  ((await (await control("GET", "/counts")).json()) as { faults: Record<string, number> }).faults;

/** Opens the connection for many requests, and begins some that are answered late. */
async function beginLate(count: number): Promise<{ status: number; rstCode: number }[]> {
  await push("first");
  if (session.remoteSettings.maxConcurrentStreams === 1) await next("remoteSettings");
  simulator.behaviours.script({ tokenPrefix: "late-", behaviour: { kind: "accept", delayMs: patient(1_000) } });
  const calls = Promise.all(Array.from({ length: count }, (_, index) => push(`late-${index}`)));
  await until(() => acceptedOf(`late-${count - 1}`) !== undefined, { intervalMs: 1 });
  return calls;
}

test("GOAWAY at once, with what it says and the connection cut afterwards", async () => {
  await push();
  const said = next("goaway");
  await fault({ kind: "goaway", errorCode: 2, reason: "Shutdown", close: true });
  await said;
  expect(goaways[0]).toEqual({ code: 2, last: 1, data: '{"reason":"Shutdown"}' });
  if (!session.destroyed) await next("close");
  expect((await faultCounts()).goaway).toBeGreaterThan(0);
});

test.each([
  ["none", 0],
  ["half", 2],
  ["received", 4],
])(
  "GOAWAY with %s of four open requests: %d are answered, and only those count as accepted",
  async (lastStream, taken) => {
    const calls = beginLate(4);
    await until(() => acceptedOf("late-3") !== undefined, { intervalMs: 1 });
    await fault({ kind: "goaway", lastStream });
    const answers = await calls;
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(taken);
    expect(answers.filter(({ rstCode }) => rstCode === http2.constants.NGHTTP2_REFUSED_STREAM)).toHaveLength(4 - taken);
    const accepted = [0, 1, 2, 3].map((index) => acceptedOf(`late-${index}`) ?? 0);
    expect(accepted).toEqual([0, 1, 2, 3].map((index) => (index < taken ? 1 : 0)));
  },
);

test("GOAWAY on the next two connections, and no third", async () => {
  await fault({ kind: "goaway", connections: 2 });
  for (const expected of [1, 1, 0]) {
    await push();
    await push();
    await new Promise((resolve) => session.ping(resolve));
    expect(goaways).toHaveLength(expected);
    session.destroy();
    session = await connect();
  }
  expect(await list()).toEqual([]);
});

test("GOAWAY at each third request", async () => {
  await fault({ kind: "goaway", everyRequests: 3, times: 1 });
  expect(await list()).toMatchObject([{ provider: "APN", environment: "production", kind: "goaway", times: 1 }]);
  let answered = 0;
  while (goaways.length === 0) {
    expect(await push()).toMatchObject({ status: 200 });
    answered++;
    if (!session.destroyed) await new Promise((resolve) => session.ping(resolve));
  }
  expect(answered).toBeLessThanOrEqual(3);
});

test("connections that are cut say no GOAWAY", async () => {
  const closed = next("close");
  await fault({ kind: "destroy" });
  await closed;
  expect(goaways).toEqual([]);
});

test("streams that are refused, so many of them", async () => {
  await fault({ kind: "refuseStreams", times: 2 });
  const refused = { status: 0, rstCode: http2.constants.NGHTTP2_REFUSED_STREAM };
  expect([await push("r"), await push("r"), await push("r")]).toEqual([refused, refused, { status: 200, rstCode: 0 }]);
  expect([...simulator.received.tokens()]).toMatchObject([{ token: "r", calls: 1, accepted: 1 }]);
});

test("a limit of streams, on connections that are open and on new ones, until it is taken away", async () => {
  await push();
  const told = next("remoteSettings");
  await fault({ kind: "maxStreams", value: 7 });
  await told;
  expect(session.remoteSettings.maxConcurrentStreams).toBe(7);
  const old = session;
  session = await connect();
  await push();
  await new Promise((resolve) => session.ping(resolve));
  expect(session.remoteSettings.maxConcurrentStreams).toBe(7);
  const restored = new Promise((resolve) => old.once("remoteSettings", resolve));
  await control("DELETE", "/faults");
  await restored;
  expect(old.remoteSettings.maxConcurrentStreams).toBe(1_000);
  old.destroy();
});

test("a half-open connection answers neither requests nor PINGs until it ends", async () => {
  await push();
  await fault({ kind: "stall" });
  const seen: string[] = [];
  const ping = new Promise<void>((resolve) =>
    session.ping(() => {
      seen.push("ping");
      resolve();
    }),
  );
  const call = push("stalled").then(({ status }) => seen.push(String(status)));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(seen).toEqual([]);
  expect(session.destroyed).toBe(false);
  await control("DELETE", "/faults");
  await Promise.all([ping, call]);
  expect(seen.sort()).toEqual(["200", "ping"]);
});

test.each(["refuseConnections", "tlsFailure"])("%s, so many times", async (kind) => {
  await fault({ kind, times: 1 });
  await expect(connect()).rejects.toThrow("could not be opened");
  session = await connect();
  expect(await push()).toMatchObject({ status: 200 });
});

test("refused connections, for so long", async () => {
  await fault({ kind: "refuseConnections", durationMs: patient(500) });
  await expect(connect()).rejects.toThrow("could not be opened");
  await until(async () => (await list()).length === 0);
  session = await connect();
  expect(await push()).toMatchObject({ status: 200 });
});

test("answers in segments of one byte", async () => {
  await fault({ kind: "oneByteFrames" });
  session = await connect();
  expect(await push()).toMatchObject({ status: 200 });
  expect(await push("bad-1")).toMatchObject({ status: 400 });
  expect((await faultCounts()).oneByteFrames).toBe(1);
});
