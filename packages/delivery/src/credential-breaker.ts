import type { DeliveryOutcome } from "@fanfare/domain";

/** Why nothing is sent with a credential for now. */
export interface CredentialPause {
  /** The provider's code. */
  code: string;
  detail: string;
  /** What is to be done about it, where that is known. */
  advice?: string | undefined;
  since: Date;
}

/** What {@link createCredentialBreaker} needs. */
export interface CredentialBreakerOptions {
  /** Told when the credential is paused, with the calls that were in flight then: so many more may fail. */
  onPaused: (pause: CredentialPause & { inFlight: number }) => void;
  onResumed: (pause: CredentialPause) => void;
  /** Told when a probe is refused as well, perhaps for another reason. */
  onStillPaused?: ((pause: CredentialPause) => void) | undefined;
  /** Codes of rejections that blame a credential other than the one that sends. */
  ignoredCodes?: readonly string[];
  /** @default Math.random */
  random?: () => number;
  /** A clock that only goes forward, in milliseconds. @default performance.now */
  nowMs?: () => number;
}

/** A call that may be made. */
export interface GrantedCall {
  granted: true;
  /** Whether it may still be made, if it was not made at once: the credential may have been paused since. */
  isWanted(): boolean;
  /** To be called once with what became of it; `undefined`: it was not made. */
  end(outcome: DeliveryOutcome | undefined): void;
}

/** Stops what is sent with one credential while its provider refuses it. */
export interface CredentialBreaker {
  /** Asks for one call. */
  begin(): GrantedCall | { granted: false; waitMs: number };
  /** How long no call will be granted, in milliseconds; 0 when one would be now. */
  waitMs(): number;
  paused(): CredentialPause | undefined;
}

type Refusal = Pick<DeliveryOutcome & { kind: "rejected" }, "code" | "detail" | "advice">;

const PROBE_BASE_MS = 1_000;
const PROBE_CAP_MS = 60_000;

/** A probe that was granted has so long to come to an end before another line may ask again, in milliseconds. */
const PROBE_PATIENCE_MS = 1_000;

/**
 * Makes a breaker: a call that is rejected and blamed on the credential pauses it; then one call at a time is let
 * through, with growing pauses, until one is not blamed on it. A probe that no answer tells anything about (a timeout, an
 * overloaded provider) is followed by another one.
 */
export function createCredentialBreaker(options: CredentialBreakerOptions): CredentialBreaker {
  const {
    onPaused,
    onResumed,
    onStillPaused,
    ignoredCodes = [],
    random = Math.random,
    nowMs = () => performance.now(),
  } = options;
  let inFlight = 0;
  let open: { pause: CredentialPause; failures: number; probeAtMs: number; probing: boolean } | undefined;

  const blamed = (outcome: DeliveryOutcome | undefined) =>
    outcome?.kind === "rejected" &&
    outcome.blame === "credential" &&
    !outcome.credentialSuspected &&
    !ignoredCodes.includes(outcome.code);

  function end(outcome: DeliveryOutcome | undefined, isProbe: boolean) {
    inFlight--;
    if (outcome && blamed(outcome)) return refused(outcome as Refusal, isProbe);
    if (!open || !isProbe) return;
    open.probing = false;
    if (outcome?.kind === "accepted" || outcome?.kind === "rejected") {
      const { pause } = open;
      open = undefined;
      onResumed(pause);
    } else {
      open.probeAtMs = nowMs() + PROBE_BASE_MS;
    }
  }

  function refused({ code, detail = "", advice }: Refusal, isProbe: boolean): void {
    if (!open) {
      const pause = { code, detail, advice, since: new Date() };
      open = { pause, failures: 1, probeAtMs: nowMs() + delayMs(1), probing: false };
      onPaused({ ...pause, inFlight });
    } else if (isProbe) {
      open.failures++;
      open.probing = false;
      open.pause = { code, detail, advice, since: open.pause.since };
      onStillPaused?.(open.pause);
      open.probeAtMs = nowMs() + delayMs(open.failures);
    }
  }

  const delayMs = (failures: number) =>
    Math.min(PROBE_CAP_MS, PROBE_BASE_MS * 2 ** (failures - 1)) * (0.5 + random() / 2);

  function waitMs(): number {
    if (!open) return 0;
    return open.probing ? PROBE_PATIENCE_MS : Math.max(0, open.probeAtMs - nowMs());
  }

  return {
    begin() {
      const wait = waitMs();
      if (wait > 0) return { granted: false, waitMs: wait };
      const isProbe = open !== undefined;
      if (open) open.probing = true;
      inFlight++;
      return { granted: true, isWanted: () => isProbe || open === undefined, end: (outcome) => end(outcome, isProbe) };
    },
    waitMs,
    paused: () => open?.pause,
  };
}
