import type { TestQueueBackend } from "@fanfare/testkit";
import { createRandom, type Random } from "./random.js";

/** Processes of each worker in an installation that chaos is let loose on. */
export const WORKERS = 2;

const pair = (app: string) => Array.from({ length: WORKERS }, (_, index) => `${app}-${index + 1}`);
const FANOUT_WORKERS = pair("fanout-worker");
const DELIVERY_WORKERS = [...pair("fcm-worker"), ...pair("apns-worker")];

/** Those that hold no notification: whatever they meet, nothing is sent twice because of it. */
const NEVER_SENDING = ["api", ...FANOUT_WORKERS];

/** The apps whose connections go through links that can be made bad. */
export const LINKED_APPS = [...NEVER_SENDING, ...DELIVERY_WORKERS];

/** How long a worker holds a batch without renewing it, in milliseconds; a pause of a process is longer. */
export const LEASE_MS = 4_000;

/** Something bad that happens to an installation at a certain time. */
export type Fault =
  | { kind: "kill" | "terminate"; target: string }
  | { kind: "pause"; target: string; durationMs: number }
  | { kind: "cut" | "stall" | "loseAnswers"; link: string; durationMs: number }
  | { kind: "delay"; link: string; delayMs: number; durationMs: number }
  /** What waits in the queues is gone. */
  | { kind: "loseQueues" }
  /** Postgres ends all sessions. */
  | { kind: "endSessions" }
  /** What the simulator's `POST /faults` takes. */
  | { kind: "provider"; body: Readonly<Record<string, unknown>> }
  | { kind: "revokeAccessTokens" }
  | { kind: "swapCredential"; provider: "FCM" | "APN" };

/** A fault and its time, in milliseconds since the first send. */
export type PlannedFault = Fault & { atMs: number };

/** All that a seed decides. */
export interface Plan {
  seed: number;
  backend: TestQueueBackend["name"];
  /** Without any fault that can make a delivery worker lose its lease: then nothing may be sent twice because of one. */
  gentle: boolean;
  /** Share of provider calls that meet a fault. */
  stormIntensity: number;
  /** The process whose wall clock is wrong. */
  skew: { target: string; skewMs: number };
  faults: PlannedFault[];
}

/** How long and how hard a seed is. */
export interface PlanOptions {
  seed: number;
  backend: TestQueueBackend["name"];
  /** Faults are injected for so long, in milliseconds. */
  windowMs: number;
}

/** Pause between two faults on average, in milliseconds. */
const FAULT_EVERY_MS = 700;

/** One seed in so many is gentle. */
const GENTLE_EVERY = 4;

/** Makes the plan of a seed: the same one for the same options. */
export function makePlan({ seed, backend, windowMs }: PlanOptions): Plan {
  const random = createRandom(seed);
  const gentle = seed % GENTLE_EVERY === 0;
  const faults: PlannedFault[] = [];
  // Kinds take turns in an order that the seed decides, so that every seed has nearly all of them.
  let turns: ((random: Random) => Fault)[] = [];
  for (let atMs = 500; atMs < windowMs; atMs += Math.round(FAULT_EVERY_MS * (0.5 + random.next()))) {
    if (turns.length === 0) turns = random.shuffle(gentle ? gentleKinds(backend) : allKinds(backend));
    const fault = turns.pop()?.(random);
    if (fault) faults.push({ ...fault, atMs });
  }
  const skewed = random.pick(LINKED_APPS);
  const skewMs = random.int(60_000, 300_000) * (random.chance(0.5) ? 1 : -1);
  return {
    ...{ seed, backend, gentle, faults },
    stormIntensity: random.pick([0.05, 0.15, 0.3]),
    skew: { target: skewed, skewMs },
  };
}

type Kind = (random: Random) => Fault;

/** Faults after which every lease is still held. */
function gentleKinds(backend: Plan["backend"]): Kind[] {
  return [
    (random) => ({ kind: "terminate", target: random.pick([...DELIVERY_WORKERS, ...FANOUT_WORKERS, "api"]) }),
    (random) => ({ kind: "terminate", target: random.pick(DELIVERY_WORKERS) }),
    (random) => ({ kind: "kill", target: random.pick(NEVER_SENDING) }),
    () => ({ kind: "loseQueues" }),
    (random) => ({ ...lostLink(random), link: "client → api" }),
    (random) => ({ ...slowLink(random, 300), link: `${random.pick(NEVER_SENDING)} → postgres` }),
    (random) => providerFault(random),
    (random) => providerFault(random),
    (random) => ({ kind: "swapCredential", provider: random.pick(["FCM", "APN"]) }),
    () => ({ kind: "revokeAccessTokens" }),
    ...(backend === "redis" ? redisKinds : []),
  ];
}

const redisKinds: Kind[] = [
  () => ({ kind: "kill", target: "redis" }),
  (random) => ({ kind: "pause", target: "redis", durationMs: random.int(2_000, 5_000) }),
  (random) => ({ ...lostLink(random), link: `${random.pick(LINKED_APPS)} → redis` }),
];

function allKinds(backend: Plan["backend"]): Kind[] {
  return [
    ...gentleKinds(backend),
    (random) => ({ kind: "kill", target: random.pick(DELIVERY_WORKERS) }),
    (random) => ({ kind: "kill", target: random.pick(DELIVERY_WORKERS) }),
    (random) => (random.chance(0.5) ? pauseOf(random, "simulator") : { kind: "kill", target: "simulator" }),
    (random) => pauseOf(random, random.pick(DELIVERY_WORKERS)),
    (random) => pauseOf(random, random.pick(NEVER_SENDING)),
    (random) => ({ kind: random.pick(["kill", "terminate"]), target: "postgres" }),
    (random) => ({ kind: "pause", target: "postgres", durationMs: random.int(1_000, 5_000) }),
    () => ({ kind: "endSessions" }),
    (random) => ({ ...lostLink(random), link: `${random.pick(LINKED_APPS)} → postgres` }),
    (random) => ({ ...lostLink(random), link: `${random.pick(DELIVERY_WORKERS)} → postgres` }),
    (random) => ({ ...lostLink(random), link: `${random.pick(DELIVERY_WORKERS)} → provider` }),
    (random) => ({ ...slowLink(random, 1_000), link: `${random.pick(DELIVERY_WORKERS)} → postgres` }),
  ];
}

/** Longer than a lease: who wakes has lost what it held. */
function pauseOf(random: Random, target: string): Fault {
  return { kind: "pause", target, durationMs: LEASE_MS + random.int(500, 3_000) };
}

function lostLink(random: Random) {
  return { kind: random.pick(["cut", "stall", "loseAnswers"] as const), durationMs: random.int(300, 4_000) };
}

function slowLink(random: Random, maxMs: number) {
  return { kind: "delay" as const, delayMs: random.int(20, maxMs), durationMs: random.int(2_000, 5_000) };
}

function providerFault(random: Random): Fault {
  const provider = random.pick(["FCM", "APN"]);
  const durationMs = random.int(500, 3_000);
  const body = random.pick([
    { provider, kind: "goaway", lastStream: random.pick(["received", "none", "half"]) },
    { provider, kind: "goaway", lastStream: "half", errorCode: 2, close: true },
    { provider, kind: "goaway", everyRequests: random.int(50, 500), durationMs },
    { provider, kind: "destroy" },
    { provider, kind: "stall", durationMs },
    { provider, kind: "refuseStreams", durationMs },
    { provider, kind: "maxStreams", value: random.int(1, 20), durationMs },
    { provider, kind: "refuseConnections", durationMs },
    { provider, kind: "tlsFailure", durationMs },
    { provider, kind: "oneByteFrames", durationMs },
    { provider: "OAUTH", kind: "fail", durationMs },
    { provider: "OAUTH", kind: "slow", delayMs: 500, durationMs },
  ]);
  return { kind: "provider", body };
}
