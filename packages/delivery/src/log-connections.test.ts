import { until } from "@fanfare/testkit";
import { logConnections } from "./log-connections.js";
import { type PushSession, SessionConnectError, type SessionEvents } from "./push-session.js";
import { SESSION_OPENERS } from "./session-openers.js";
import { createSessionPool } from "./session-pool.js";
import { FakeSession } from "./testing/fake-session.js";
import { startFramePeer } from "./testing/frame-peer.js";
import { useTls } from "./testing/use-tls.js";

const NAMES = {
  provider: "APN" as const,
  origin: "https://api.push.apple.com",
  teamId: "TEAM123456",
  keyId: "KEY1234567",
};

function aLog() {
  const lines: { level: string; fields: Record<string, unknown>; message: string }[] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields: { ...fields }, message });
  return { lines, info: at("info"), warn: at("warn") };
}

/** Connections in memory, whose events the test makes. */
function fakeConnections(nowMs?: () => number) {
  const log = aLog();
  const told: SessionEvents[] = [];
  const opened = logConnections(log, nowMs)(NAMES, async (events): Promise<PushSession> => {
    told.push(events);
    return new FakeSession(events, 10);
  });
  const open = () => opened.open({ onChange: () => undefined });
  return { ...log, told, ...opened, open };
}

test.each(Object.entries(SESSION_OPENERS))(
  "a connection that opens and is lost is told with its requests (%s)",
  async (_client, openSession) => {
    const log = aLog();
    const peer = await startFramePeer(used.tls, {});
    used.afterwards(peer.close);
    const names = { ...NAMES, origin: peer.origin };
    const pool = createSessionPool(
      logConnections(log)(names, (events) => openSession({ origin: peer.origin, ca: used.tls.cert }, events)),
    );
    used.afterwards(() => pool.close());
    for (let count = 0; count < 2; count++) {
      pool.send({ path: "/3/device/secret", headers: {}, body: Buffer.from("{}") }, () => undefined);
    }
    await until(() => peer.connections[0]?.requests.length === 2);
    expect(log.lines).toEqual([
      {
        level: "info",
        fields: { ...names, sessions: 1, tookMs: expect.any(Number) },
        message: "A connection to APNs is open",
      },
    ]);
    const [connection] = peer.connections;
    // They may have been processed: they are not sent again.
    connection?.goaway(connection.requests[1] ?? 0, 2, '{"reason":"InternalServerError"}');
    await until(() => log.lines.length > 1);
    const { level, fields, message } = log.lines[1] ?? {};
    expect({ level, message }).toEqual({ level: "warn", message: "A connection to APNs is lost: INTERNAL_ERROR" });
    expect(fields).toMatchObject({
      ...names,
      goaway: 2,
      goawayReason: "InternalServerError",
      inFlight: 2,
      sessions: 0,
    });
  },
);

const used = useTls();

test("one that ends in order is no trouble", async () => {
  const { lines, told, open } = fakeConnections();
  await open();
  await open();
  told[0]?.onEnd?.({ reason: "DRAINED", inFlight: 0 });
  told[1]?.onGoaway?.({ errorCode: 0, reason: "Shutdown" });
  told[1]?.onEnd?.({ reason: "DRAINED", inFlight: 0 });
  expect(lines.slice(2)).toEqual([
    expect.objectContaining({ level: "info", message: "A connection to APNs is closed" }),
    {
      level: "info",
      message: "A connection to APNs is closed, as the provider asked for",
      fields: {
        ...NAMES,
        reason: "DRAINED",
        goaway: 0,
        goawayReason: "Shutdown",
        inFlight: 0,
        sessions: 0,
        openMs: expect.any(Number),
      },
    },
  ]);
});

test("one that was lost before it was at hand is told as opened and lost", async () => {
  const log = aLog();
  const { open } = logConnections(log)(NAMES, async (events) => {
    events.onEnd?.({ reason: "ECONNRESET", inFlight: 0 });
    return new FakeSession(events, 1);
  });
  await open({ onChange: () => undefined });
  expect(log.lines.map(({ message }) => message)).toEqual([
    "A connection to APNs is open",
    "A connection to APNs is lost: ECONNRESET",
  ]);
});

test("one that can not be made has its reason and no stack, unless nobody knows the reason", () => {
  const { lines, onConnectError } = fakeConnections();
  onConnectError(new SessionConnectError("ECONNREFUSED", new Error("connect ECONNREFUSED 127.0.0.1:443")));
  const bug = new TypeError("undefined is no function");
  onConnectError(new SessionConnectError("CONNECT_FAILED", bug));
  expect(lines).toEqual([
    {
      level: "warn",
      message: "A connection to APNs failed: ECONNREFUSED",
      fields: { ...NAMES, reason: "ECONNREFUSED", detail: "connect ECONNREFUSED 127.0.0.1:443", sessions: 0 },
    },
    expect.objectContaining({ fields: expect.objectContaining({ err: bug }) }),
  ]);
});

test("of a storm thirty connections a minute are told as open, and how many were left out", async () => {
  let now = 0;
  const { lines, open } = fakeConnections(() => now);
  for (let count = 0; count < 500; count++) await open();
  expect(lines).toHaveLength(30);
  now = 60_000;
  await open();
  expect(lines[30]?.fields).toMatchObject({ sessions: 501, leftOut: 470 });
  await open();
  expect(lines[31]?.fields).not.toHaveProperty("leftOut");
});
