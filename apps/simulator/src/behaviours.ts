/** The providers that are simulated, as Fanfare's API spells them. */
export type Provider = "FCM" | "APN";

/** What the simulator does with a request that its provider would take. */
export type Behaviour =
  | { kind: "accept"; delayMs?: number }
  | { kind: "refuse"; status: number; code: string; headers?: Record<string, string>; delayMs?: number }
  /** Takes the request and never answers. */
  | { kind: "silent" }
  /** Resets the stream after the request. */
  | { kind: "reset"; delayMs?: number };

/** What the beginning of a device token makes the simulator do. */
interface TokenRule {
  /** As documentation shows it. */
  prefix: string;
  pattern: RegExp;
  meaning: string;
  /** `call`: which call for this token it is, from 1. */
  behave: (provider: Provider, number: number, call: number) => Behaviour;
}

const refuse = (provider: Provider, apns: [number, string], fcm: [number, string], headers = {}): Behaviour => {
  const [status, code] = provider === "APN" ? apns : fcm;
  return { kind: "refuse", status, code, headers };
};
const accept: Behaviour = { kind: "accept" };

/** Outcomes by device token: the same for both providers. Any token that none of them fits is accepted. */
export const TOKEN_RULES: readonly TokenRule[] = [
  {
    prefix: "dead-",
    pattern: /^dead-/,
    meaning: "the app was removed from the device",
    behave: (provider) => refuse(provider, [410, "Unregistered"], [404, "UNREGISTERED"]),
  },
  {
    prefix: "bad-",
    pattern: /^bad-/,
    meaning: "not a device token at all",
    behave: (provider) => refuse(provider, [400, "BadDeviceToken"], [400, "INVALID_ARGUMENT"]),
  },
  {
    prefix: "mismatch-",
    pattern: /^mismatch-/,
    meaning: "the token belongs to another app or project",
    behave: (provider) => refuse(provider, [400, "DeviceTokenNotForTopic"], [403, "SENDER_ID_MISMATCH"]),
  },
  {
    prefix: "flaky-<n>-",
    pattern: /^flaky-(\d+)-/,
    meaning: "the first n calls find the provider unavailable, the next is accepted",
    behave: (provider, n, call) =>
      call <= n ? refuse(provider, [503, "ServiceUnavailable"], [503, "UNAVAILABLE"]) : accept,
  },
  {
    prefix: "throttle-<n>-",
    pattern: /^throttle-(\d+)-/,
    meaning: "the first n calls are too many (429, Retry-After: 1), the next is accepted",
    behave: (provider, n, call) =>
      call <= n ? refuse(provider, [429, "TooManyRequests"], [429, "QUOTA_EXCEEDED"], { "retry-after": "1" }) : accept,
  },
  {
    prefix: "retryafter-<s>-",
    pattern: /^retryafter-(\d+)-/,
    meaning: "the first call finds the provider unavailable and is told to come back after s seconds",
    behave: (provider, seconds, call) =>
      call <= 1
        ? refuse(provider, [503, "ServiceUnavailable"], [503, "UNAVAILABLE"], { "retry-after": String(seconds) })
        : accept,
  },
  {
    prefix: "error500-",
    pattern: /^error500-/,
    meaning: "every call meets an internal error",
    behave: (provider) => refuse(provider, [500, "InternalServerError"], [500, "INTERNAL"]),
  },
  {
    prefix: "slow-<ms>-",
    pattern: /^slow-(\d+)-/,
    meaning: "accepted after ms milliseconds",
    behave: (_provider, delayMs) => ({ kind: "accept", delayMs }),
  },
  {
    prefix: "silent-",
    pattern: /^silent-/,
    meaning: "the request is taken and never answered",
    behave: () => ({ kind: "silent" }),
  },
  {
    prefix: "reset-<n>-",
    pattern: /^reset-(\d+)-/,
    meaning: "the streams of the first n calls are reset after the request, the next is accepted",
    behave: (_provider, n, call) => (call <= n ? { kind: "reset" } : accept),
  },
];

/** A behaviour set at run time; it goes before the rules by token. */
export interface ScriptedBehaviour {
  provider?: Provider | undefined;
  token?: string | undefined;
  tokenPrefix?: string | undefined;
  behaviour: Behaviour;
  /** Requests that it is for; absent: all that match. */
  times?: number | undefined;
}

/** Decides what becomes of a request. */
export interface Behaviours {
  decide(provider: Provider, token: string, call: number): Behaviour;
  script(behaviour: ScriptedBehaviour): void;
  scripted(): readonly ScriptedBehaviour[];
  /** Added to the answer of every request, in milliseconds: at least `min`, at most `max`. */
  setLatency(latency: { minMs: number; maxMs: number }): void;
  reset(): void;
}

/** Makes the table of behaviours of one simulator. */
export function createBehaviours(latencyMs: number): Behaviours {
  const initial = { minMs: latencyMs, maxMs: latencyMs };
  let latency = initial;
  let scripts: ScriptedBehaviour[] = [];

  function decideByScript(provider: Provider, token: string): Behaviour | undefined {
    const found = scripts.find(
      (script) =>
        (script.provider ?? provider) === provider &&
        (script.token ?? token) === token &&
        token.startsWith(script.tokenPrefix ?? ""),
    );
    if (found?.times !== undefined) {
      found.times--;
      if (found.times === 0) scripts = scripts.filter((script) => script !== found);
    }
    return found?.behaviour;
  }

  return {
    decide(provider, token, call) {
      const behaviour = decideByScript(provider, token) ?? decideByToken(provider, token, call);
      if (latency.maxMs === 0 || behaviour.kind === "silent") return behaviour;
      const extraMs = latency.minMs + Math.random() * (latency.maxMs - latency.minMs);
      return { ...behaviour, delayMs: (behaviour.delayMs ?? 0) + extraMs };
    },
    script: (behaviour) => void scripts.push({ ...behaviour }),
    scripted: () => scripts,
    setLatency(to) {
      latency = to;
    },
    reset() {
      scripts = [];
      latency = initial;
    },
  };
}

function decideByToken(provider: Provider, token: string, call: number): Behaviour {
  for (const { pattern, behave } of TOKEN_RULES) {
    const match = pattern.exec(token);
    if (match) return behave(provider, Number(match[1] ?? 0), call);
  }
  return accept;
}
