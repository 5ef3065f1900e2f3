import { boundWaitMs } from "@fanfare/domain";

/** How many calls may be made with one credential. */
export interface RateLimit {
  /** Calls a minute; absent: as many as there are. */
  perMinute?: number | undefined;
  /** Over how many seconds the rate grows from a tenth to the whole of it, after a minute of rest. */
  rampSeconds: number;
}

/** Meters calls. */
export interface RateLimiter {
  /** Takes the right to one call: 0, or how long there will be none, in milliseconds. */
  take(): number;
  /** How long there is no call to take, in milliseconds. */
  waitMs(): number;
  /** Gives no calls for so long, in milliseconds, an hour at most: the provider asked for it. */
  pause(ms: number): void;
}

/** The bucket holds what the whole rate gives in a second, so that a small send need not wait for the ramp. */
const BUCKET_SECONDS = 1;

/** The share of the rate that a ramp begins with. */
const RAMP_FROM = 0.1;

/** Without a call for so long a ramp begins anew, in milliseconds. */
const REST_MS = 60_000;

/**
 * Makes a token bucket that fills at a rate which ramps up (FCM: 600,000 messages a minute and project; "ramp up over at
 * least 60 s", https://firebase.google.com/docs/cloud-messaging/scale-fcm).
 */
export function createRateLimiter(
  { perMinute, rampSeconds }: RateLimit,
  nowMs: () => number = () => performance.now(),
): RateLimiter {
  const perMs = (perMinute ?? 0) / 60_000;
  const size = perMs * 1_000 * BUCKET_SECONDS;
  let tokens = size;
  let filledAtMs = nowMs();
  let rampBeganMs = filledAtMs;
  let takenAtMs = Number.NEGATIVE_INFINITY;
  let pausedUntilMs = 0;

  function rate(now: number): number {
    if (rampSeconds === 0) return perMs;
    const share = RAMP_FROM + (1 - RAMP_FROM) * ((now - rampBeganMs) / (rampSeconds * 1_000));
    return perMs * Math.min(1, share);
  }

  function waitMs(): number {
    const now = nowMs();
    if (now < pausedUntilMs) return pausedUntilMs - now;
    if (perMinute === undefined) return 0;
    if (now - takenAtMs > REST_MS) rampBeganMs = now;
    tokens = Math.min(size, tokens + (now - filledAtMs) * rate(now));
    filledAtMs = now;
    return tokens >= 1 ? 0 : (1 - tokens) / rate(now);
  }

  return {
    take() {
      const wait = waitMs();
      if (wait > 0) return wait;
      tokens--;
      takenAtMs = nowMs();
      return 0;
    },
    waitMs,
    pause(ms) {
      pausedUntilMs = Math.max(pausedUntilMs, nowMs() + boundWaitMs(ms));
    },
  };
}
