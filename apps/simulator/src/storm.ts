import type { Behaviour, Call } from "./behaviours.js";

/** A mix of faults that only its seed decides. */
export interface Storm {
  seed: number;
  /** The share of requests that meet a fault, from 0 to 1. */
  intensity: number;
}

/** Faults in a row that one token may meet, so that every one is accepted in the end. */
const IN_A_ROW = 3;

const FAULTS: readonly ((call: Call) => Behaviour)[] = [
  ({ provider }) => unavailable(provider),
  ({ provider }) => tooMany(provider),
  ({ provider }) => ({ kind: "refuse", status: 500, code: provider === "APN" ? "InternalServerError" : "INTERNAL" }),
  () => ({ kind: "reset" }),
  () => ({ kind: "reset", delayMs: 200 }),
  () => ({ kind: "refuseStream" }),
  () => ({ kind: "html", status: 502 }),
  () => ({ kind: "empty", status: 503 }),
  () => ({ kind: "cutBody", status: 503 }),
  () => ({ kind: "cutBody", status: 200 }),
  () => ({ kind: "drip" }),
  () => ({ kind: "accept", delayMs: 500 }),
  () => ({ kind: "goaway", lastStream: "received" }),
  () => ({ kind: "goaway", lastStream: "before" }),
  () => ({ kind: "goaway", lastStream: "before", errorCode: 2, reason: "Shutdown" }),
  () => ({ kind: "destroy" }),
];

/** Connection faults are rare, or no request would ever come through beside them: one in so many of their turns. */
const CONNECTION_FAULT_EVERY = 40;

/** What a request meets in a storm; `undefined`: nothing. The same seed, token and call meet the same. */
export function stormFault({ seed, intensity }: Storm, call: Call): Behaviour | undefined {
  const { provider, token, call: number } = call;
  if (number % (IN_A_ROW + 1) === 0) return undefined;
  const hash = hashOf(`${seed} ${provider} ${token} ${number}`);
  if ((hash % 10_000) / 10_000 >= intensity) return undefined;
  const fault = FAULTS[Math.floor(hash / 10_000) % FAULTS.length]?.(call);
  if (fault && provider === "FCM" && isBackedOff(fault) && number % (IN_A_ROW + 1) !== 1) return tooMany(provider);
  const isConnections = fault?.kind === "goaway" || fault?.kind === "destroy";
  return isConnections && Math.floor(hash / 1_000_000) % CONNECTION_FAULT_EVERY !== 0 ? undefined : fault;
}

/**
 * Whether a sender that goes by Google's guide waits for long after it, and for twice as long after the next one. Of FCM's faults in
 * a row only the first is such: three would take two minutes, in which nothing else happens.
 */
function isBackedOff(fault: Behaviour): boolean {
  if (fault.kind === "reset") return true;
  return "status" in fault && fault.status >= 500;
}

function tooMany(provider: Call["provider"]): Behaviour {
  const code = provider === "APN" ? "TooManyRequests" : "QUOTA_EXCEEDED";
  return { kind: "refuse", status: 429, code, headers: { "retry-after": "1" } };
}

function unavailable(provider: Call["provider"]): Behaviour {
  const code = provider === "APN" ? "ServiceUnavailable" : "UNAVAILABLE";
  return { kind: "refuse", status: 503, code, headers: { "retry-after": "1" } };
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  // The low bits of FNV follow the last characters: they are mixed once more.
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}
