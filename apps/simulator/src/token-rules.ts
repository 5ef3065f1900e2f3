import type { ApnsEnvironment, Behaviour, Call, Provider } from "./behaviours.js";

/** What the beginning of a device token makes the simulator do. */
interface TokenRule {
  /** As documentation shows it. */
  prefix: string;
  pattern: RegExp;
  meaning: string;
  behave: (provider: Provider, number: number, call: number, environment?: ApnsEnvironment) => Behaviour;
}

const refuse = (provider: Provider, apns: [number, string], fcm: [number, string], headers = {}): Behaviour => {
  const [status, code] = provider === "APN" ? apns : fcm;
  return { kind: "refuse", status, code, headers };
};
const accept: Behaviour = { kind: "accept" };
const notAToken = (provider: Provider) => refuse(provider, [400, "BadDeviceToken"], [400, "INVALID_ARGUMENT"]);

/** Outcomes by device token, the same for both providers where nothing else is said. A token that none fits is accepted. */
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
    behave: notAToken,
  },
  {
    prefix: "0".repeat(64),
    pattern: /^0{64}$/,
    meaning: "exactly 64 zeros: can not be a device token",
    behave: notAToken,
  },
  {
    prefix: "fcm-not-a-token",
    pattern: /^fcm-not-a-token/,
    meaning: "FCM: not a device token at all",
    behave: (provider) => (provider === "FCM" ? notAToken(provider) : accept),
  },
  {
    prefix: "sandbox-",
    pattern: /^sandbox-/,
    meaning: "APNs: a device token of the sandbox; in production not a device token at all",
    behave: (provider, _number, _call, environment) => (environment === "production" ? notAToken(provider) : accept),
  },
  {
    prefix: "production-",
    pattern: /^production-/,
    meaning: "APNs: a device token of production; in the sandbox not a device token at all",
    behave: (provider, _number, _call, environment) => (environment === "sandbox" ? notAToken(provider) : accept),
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

/** What a device token itself asks for. */
export function decideByToken({ provider, token, call, environment }: Call): Behaviour {
  for (const { pattern, behave } of TOKEN_RULES) {
    const match = pattern.exec(token);
    if (match) return behave(provider, Number(match[1] ?? 0), call, environment);
  }
  return accept;
}
