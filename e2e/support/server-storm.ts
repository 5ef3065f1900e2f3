import { isNativeError } from "node:util/types";
import fc from "fast-check";
import type { RunningStack } from "./run-stack.js";

/** Faults of whole servers that go on until they are ended. */
export interface ServerStorm {
  end(): Promise<void>;
}

interface Fault {
  provider: string;
  kind: string;
}

const EVERY_MS = 1_500;
const ROUNDS = 500;

const times = fc.integer({ min: 1, max: 3 });
const ofServer = (kinds: string[], fields: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.record({ provider: fc.constantFrom("FCM", "APN"), kind: fc.constantFrom(...kinds), ...fields });
const ofOauth = (kinds: string[], fields: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.record({ provider: fc.constant("OAUTH"), kind: fc.constantFrom(...kinds), times, ...fields });
const lastStream = fc.constantFrom("received", "none", "half");

/** As the simulator's control API takes them; each ends by itself. */
const FAULTS: fc.Arbitrary<Fault>[] = [
  ofServer(["goaway"], { lastStream, errorCode: fc.constantFrom(0, 2), close: fc.boolean() }),
  ofServer(["goaway"], { lastStream, connections: times, reason: fc.constant("Shutdown") }),
  ofServer(["goaway"], { lastStream, everyRequests: fc.integer({ min: 50, max: 500 }), times }),
  ofServer(["maxStreams"], { value: fc.integer({ min: 1, max: 100 }), durationMs: fc.constant(700) }),
  ofServer(["refuseStreams"], { times: fc.integer({ min: 1, max: 50 }) }),
  ofServer(["stall"], { durationMs: fc.constant(1_000) }),
  ofServer(["destroy"]),
  ofServer(["refuseConnections"], { times }),
  ofServer(["tlsFailure"], { times }),
  ofServer(["oneByteFrames"], { times }),
  ofOauth(["fail", "html"]),
  ofOauth(["slow"], { delayMs: fc.constant(1_000) }),
];

/** Faults that only those meet who connect, and what makes a sender connect. */
const OF_CONNECTIONS = new Set(["refuseConnections", "tlsFailure", "oneByteFrames"]);
const RECONNECT = { kind: "goaway", lastStream: "received" };

/**
 * Has the servers meet one fault after the other, each kind as often as the next; only the seed decides which. A simulator that
 * died meanwhile (Node 20's own HTTP/2 server does under such faults) is told by `begin` again what it had forgotten.
 */
export function startServerStorm(stack: RunningStack, seed: number, begin: () => Promise<void>): ServerStorm {
  const faults = fc
    .sample(fc.tuple(...FAULTS), { numRuns: ROUNDS, seed })
    .flat()
    .values();
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let running = Promise.resolve();
  let failure: unknown;
  let hasForgotten = false;

  async function meet(fault: Fault): Promise<void> {
    await stack.simulate("POST", "/faults", fault);
    if (fault.provider === "OAUTH") await stack.simulate("DELETE", "/access-tokens");
    if (OF_CONNECTIONS.has(fault.kind)) {
      await stack.simulate("POST", "/faults", { provider: fault.provider, ...RECONNECT });
    }
  }

  async function goOn(): Promise<void> {
    const { value: fault } = faults.next();
    try {
      if (hasForgotten) await begin();
      hasForgotten = false;
      if (fault) await meet(fault);
    } catch (error) {
      if (isUnanswered(error)) hasForgotten = true;
      else failure = error;
    }
    if (!ended && failure === undefined) schedule();
  }

  function schedule(): void {
    timer = setTimeout(() => {
      running = goOn();
    }, EVERY_MS);
  }

  schedule();
  return {
    async end() {
      ended = true;
      clearTimeout(timer);
      await running;
      if (failure !== undefined) throw failure;
    },
  };
}

/** Of fetch, that nobody answered. Its TypeError is Node's own, of which none is an instance where jest runs the tests. */
function isUnanswered(error: unknown): boolean {
  return isNativeError(error) && error.name === "TypeError" && error.message === "fetch failed";
}
