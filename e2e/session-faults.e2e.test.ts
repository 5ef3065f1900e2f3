import { createApnsClient, createApnsProviderToken, retiresConnection } from "@fanfare/apns-worker";
import { type OpenSession, SESSION_OPENERS, type SendResult } from "@fanfare/delivery";
import { mintOperationId } from "@fanfare/domain";
import { aMessage, patient, until } from "@fanfare/testkit";
import { useSimulator } from "./support/use-simulator.js";

// The sessions of each implementation, through every fault that the simulated APNs has: what they say of a request is what APNs did.

const IMPLEMENTATIONS = Object.entries(SESSION_OPENERS);

const PUSHES = 400;

type Kinds = Record<string, number>;

const used = useSimulator();

const control = (path: string, body: object) => used.control("POST", path, body);

describe.each(IMPLEMENTATIONS)("%s", (_name, openSession) => {
  function aSender() {
    const { apnsKey: key, apnsKeyId: keyId, apnsTeamId: teamId, apnsTopic: bundleId } = used.simulator.customer;
    const options = {
      origin: used.simulator.urls.apns,
      ca: used.simulator.ca,
      requestTimeoutMs: 6_000,
      connectTimeoutMs: 1_000,
    };
    const open: OpenSession = (events) => openSession({ ...options, pingTimeoutMs: 2_000, pingIdleMs: 500 }, events);
    const sender = used.pool(open, retiresConnection);
    const providerToken = createApnsProviderToken({ key, keyId, teamId });
    const client = createApnsClient({ app: { bundleId }, providerToken, sender, onClose: async () => undefined });
    const expiresAt = new Date(Date.now() + 3_600_000);
    const prepared = client.prepare({ id: mintOperationId(), message: aMessage(), expiresAt });
    return (token: string) => new Promise<SendResult>((resolve) => prepared.send({ ordinal: 1, token }, resolve));
  }

  /** Sends while `meet` is met, and checks each result against what APNs did. */
  async function sendThrough(meet: () => Promise<void>, inFlight = PUSHES / 2): Promise<Kinds> {
    const send = aSender();
    await send("before");
    used.simulator.behaviours.setLatency({ minMs: 300, maxMs: 300 });
    const tokens = Array.from({ length: PUSHES }, (_, index) => `push-${index}`);
    const early = tokens.slice(0, inFlight).map(send);
    await until(() => used.simulator.received.counts("APN").total > inFlight);
    await meet();
    const results = await Promise.all([...early, ...tokens.slice(inFlight).map(send)]);
    const accepted = new Map([...used.simulator.received.tokens()].map((counts) => [counts.token, counts.accepted]));
    const kinds: Kinds = {};
    for (const [index, result] of results.entries()) {
      const kind = result.kind === "attempted" ? result.outcome.kind : result.kind;
      const times = accepted.get(tokens[index] as string) ?? 0;
      expect([kind, times]).toEqual([kind, POSSIBLE[kind]?.includes(times) ? times : POSSIBLE[kind]]);
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    }
    used.simulator.behaviours.setLatency({ minMs: 0, maxMs: 0 });
    await until(async () => (await send("after")).kind === "attempted");
    return kinds;
  }

  test.each([
    ["GOAWAY after the last that came", { kind: "goaway" }],
    ["GOAWAY with a reason", { kind: "goaway", reason: "Shutdown" }],
    ["GOAWAY at each twentieth request", { kind: "goaway", everyRequests: 20, times: 10 }],
    ["GOAWAY that leaves out what is open", { kind: "goaway", lastStream: "none" }],
    ["GOAWAY in the middle of what is open", { kind: "goaway", lastStream: "half" }],
    ["streams that are refused", { kind: "refuseStreams", times: 50 }],
    ["a limit of one stream", { kind: "maxStreams", value: 1, durationMs: 500 }],
    ["answers in segments of one byte", { kind: "oneByteFrames" }],
    ["connections that are refused", { kind: "refuseConnections", times: 3 }],
    ["a TLS handshake that fails", { kind: "tlsFailure", times: 3 }],
  ])("%s: every push is accepted, once", async (_title, fault) => {
    const kinds = await sendThrough(async () => {
      await control("/faults", { provider: "APN", ...fault });
      // What only those meet who connect needs some.
      if (OF_CONNECTIONS.has(fault.kind)) await control("/faults", { provider: "APN", kind: "goaway" });
    });
    expect(kinds).toEqual({ accepted: PUSHES });
  });

  test.each([
    ["connections that are cut", { kind: "destroy" }],
    ["GOAWAY with an error and a reason", { kind: "goaway", errorCode: 2, reason: "Shutdown" }],
    ["GOAWAY, and the connection is cut", { kind: "goaway", close: true }],
  ])("%s: what was in flight is unknown, and nothing is told otherwise than it was", async (_title, fault) => {
    const kinds = await sendThrough(() => control("/faults", { provider: "APN", ...fault }));
    expect(kinds.unknown).toBeGreaterThan(0);
    expect((kinds.accepted ?? 0) + (kinds.unknown ?? 0)).toBe(PUSHES);
  });

  test("three thousand pushes go over the same few connections, and none takes long", async () => {
    const send = aSender();
    await send("before");
    let longestMs = 0;
    for (let round = 0; round < 30; round++) {
      const results = await Promise.all(Array.from({ length: 100 }, (_, index) => send(`push-${round}-${index}`)));
      for (const result of results) {
        expect(result).toMatchObject({ kind: "attempted", outcome: { kind: "accepted" } });
        if (result.kind === "attempted") longestMs = Math.max(longestMs, result.latencyMs);
      }
    }
    expect(longestMs).toBeLessThan(patient(2_000));
    expect(
      new Set(used.simulator.received.newest(10_000).map(({ connection }) => connection)).size,
    ).toBeLessThanOrEqual(4);
  });

  test("connections that go on in silence are replaced: what was written to them is unknown", async () => {
    const kinds = await sendThrough(() => control("/faults", { provider: "APN", kind: "stall", durationMs: 3_000 }), 0);
    expect(kinds).toEqual({ unknown: PUSHES });
  });

  test.each([
    ["reset", { kind: "reset" }, "unknown"],
    ["never answered", { kind: "silent" }, "unknown"],
    ["refused", { kind: "refuseStream" }, "accepted"],
    ["answered byte by byte", { kind: "drip", delayMs: 5 }, "accepted"],
    ["answered without a body", { kind: "empty", status: 503 }, "retry"],
    ["answered with a page", { kind: "html", status: 502 }, "retry"],
    ["cut off in their answers", { kind: "cutBody", status: 503 }, "retry"],
  ])("forty requests that are %s cost their neighbours nothing", async (_title, behaviour, kind) => {
    const kinds = await sendThrough(() => control("/behaviours", { provider: "APN", behaviour, times: 40 }), 0);
    expect(kinds).toEqual({
      accepted: kind === "accepted" ? PUSHES : PUSHES - 40,
      ...(kind !== "accepted" && { [kind]: 40 }),
    });
  });
});

const OF_CONNECTIONS = new Set(["oneByteFrames", "refuseConnections", "tlsFailure"]);

/** How often APNs may have accepted what a sender was told this of. */
const POSSIBLE: Record<string, number[]> = { accepted: [1], unknown: [0, 1], retry: [0], "not-sent": [0] };
