import http2 from "node:http2";
import { until } from "@fanfare/testkit";
import jwt from "jsonwebtoken";
import type { Behaviour } from "./behaviours.js";
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
afterEach(() => {
  session.destroy();
  simulator.behaviours.reset();
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

function push(token = "any"): Promise<{ status: number; type: unknown; body: string; rstCode: number }> {
  const stream = session.request({
    ...{ ":method": "POST", ":path": `/3/device/${token}`, authorization: authorize() },
    ...{ "apns-topic": simulator.customer.apnsTopic, "apns-push-type": "alert" },
  });
  let [status, type, body] = [0, undefined as unknown, ""];
  stream.on("response", (headers) => {
    [status, type] = [Number(headers[":status"]), headers["content-type"]];
  });
  stream.on("data", (chunk) => {
    body += String(chunk);
  });
  stream.on("error", () => undefined);
  stream.end('{"aps":{"alert":"x"}}');
  return new Promise((resolve) =>
    stream.on("close", () => resolve({ status, type, body, rstCode: stream.rstCode ?? 0 })),
  );
}

const script = (behaviour: Behaviour) => simulator.behaviours.script({ provider: "APN", behaviour, times: 1 });

async function control(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${simulator.urls.control}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
}

test.each<[Behaviour, object]>([
  [
    { kind: "html", status: 502 },
    { status: 502, type: "text/html", body: expect.stringContaining("<html>") as unknown },
  ],
  [
    { kind: "empty", status: 503 },
    { status: 503, body: "" },
  ],
  [
    { kind: "cutBody", status: 503 },
    { status: 503, body: '{"reason":"Serv', rstCode: 2 },
  ],
  [{ kind: "refuseStream" }, { status: 0, rstCode: http2.constants.NGHTTP2_REFUSED_STREAM }],
  [{ kind: "reset" }, { status: 0, rstCode: http2.constants.NGHTTP2_INTERNAL_ERROR }],
])("%j", async (behaviour, answer) => {
  script(behaviour);
  expect(await push()).toMatchObject(answer);
  expect(await push()).toMatchObject({ status: 200 });
});

test("a connection that is cut", async () => {
  script({ kind: "destroy" });
  expect(await push()).toMatchObject({ status: 0 });
  expect(session.destroyed).toBe(true);
});

test("GOAWAY with the last request taken, and with it not taken", async () => {
  script({ kind: "goaway", lastStream: "received" });
  const said = new Promise((resolve) => session.once("goaway", resolve));
  expect(await push("taken")).toMatchObject({ status: 200 });
  await said;
  expect(goaways[0]).toEqual({ code: 0, last: 1, data: "" });
  session = await connect();
  expect(await push("before")).toMatchObject({ status: 200 });
  script({ kind: "goaway", lastStream: "before", errorCode: 0, reason: "Shutdown" });
  push("not-taken").catch(() => undefined);
  await new Promise((resolve) => session.once("goaway", resolve));
  expect(goaways[0]).toEqual({ code: 0, last: 1, data: '{"reason":"Shutdown"}' });
  const accepted = [...simulator.received.tokens()].filter(({ token }) => /^(not-)?taken$/.test(token));
  expect(accepted.map(({ token, accepted: times }) => [token, times])).toEqual([
    ["taken", 1],
    ["not-taken", 0],
  ]);
});

test("faults of the whole server, over the control API", async () => {
  expect((await control("POST", "/faults", { provider: "APN", kind: "maxStreams", value: 7 })).status).toBe(201);
  await until((see) => see(session.remoteSettings.maxConcurrentStreams) === 7);
  await control("POST", "/faults", { provider: "APN", kind: "goaway", reason: "Shutdown" });
  await until(() => goaways.length > 0);
  expect(goaways).toMatchObject([{ code: 0, data: '{"reason":"Shutdown"}' }]);

  await control("POST", "/faults", { provider: "APN", kind: "refuseConnections", durationMs: 60_000 });
  await expect(connect()).rejects.toThrow("could not be opened");
  await control("DELETE", "/faults");
  await control("POST", "/faults", { provider: "APN", kind: "tlsFailure", durationMs: 60_000 });
  await expect(connect()).rejects.toThrow("could not be opened");
  await control("DELETE", "/faults");
  session = await connect();
  expect(await push()).toMatchObject({ status: 200 });
  expect((await control("POST", "/faults", { provider: "APN", kind: "earthquake" })).status).toBe(400);
});

test("a storm is the same for the same seed, and lets every token through in the end", async () => {
  const outcomes = (seed: number) => {
    simulator.behaviours.setStorm({ seed, intensity: 0.5 });
    return Array.from({ length: 400 }, (_, index) =>
      simulator.behaviours.decide({
        provider: "APN",
        token: `storm-${index % 100}`,
        call: 1 + Math.floor(index / 100),
      }),
    );
  };
  expect(outcomes(1)).toEqual(outcomes(1));
  expect(outcomes(1)).not.toEqual(outcomes(2));
  const kinds = outcomes(3).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind !== "accept").length).toBeGreaterThan(80);
  expect(kinds.slice(300)).toEqual(Array(100).fill("accept"));
});

test("of the faults that a token meets in a row in a storm, only FCM's first has a sender wait for long", () => {
  const kinds = (provider: "FCM" | "APN", call: number) => {
    simulator.behaviours.setStorm({ seed: 1, intensity: 1 });
    const decided = Array.from({ length: 500 }, (_, index) =>
      simulator.behaviours.decide({ provider, token: `row-${index}`, call }),
    );
    return new Set(decided.map((fault) => ("status" in fault ? `${fault.kind} ${fault.status}` : fault.kind)));
  };
  const long = ["refuse 503", "refuse 500", "reset", "html 502", "empty 503", "cutBody 503"];
  for (const call of [1, 2, 3]) expect([...kinds("APN", call)]).toEqual(expect.arrayContaining(long));
  expect([...kinds("FCM", 1)]).toEqual(expect.arrayContaining(long));
  for (const call of [2, 3]) {
    const found = kinds("FCM", call);
    expect([...found].filter((kind) => long.includes(kind))).toEqual([]);
    for (const kind of ["refuse 429", "refuseStream", "cutBody 200", "drip", "accept"]) expect(found).toContain(kind);
  }
});
