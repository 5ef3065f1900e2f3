import { type DeliveryOutcome, type WaitReason, withAdvice } from "@fanfare/domain";
import { type CredentialBreakerOptions, type CredentialPause, createCredentialBreaker } from "./credential-breaker.js";
import type { DeliverableOperation, NotSent, PushClient, SendResult } from "./ports.js";
import { createProofGate } from "./proof-gate.js";
import { NOT_WANTED } from "./push-session.js";
import { createRateLimiter, type RateLimit } from "./rate-limiter.js";
import { reasonOf } from "./reason-of-result.js";
import { createTokenSuspicion } from "./token-suspicion.js";

/** What a credential is guarded by. */
export interface GuardOptions
  extends Pick<CredentialBreakerOptions, "onPaused" | "onResumed" | "onStillPaused" | "ignoredCodes" | "nowMs"> {
  rateLimit: RateLimit;
  /** How long after the beginning of its operation a notification waits for a credential to be mended, in milliseconds. */
  credentialGiveUpMs: number;
  /** Told when most of its tokens are refused as if the credential were for another app or environment. */
  onSuspected: () => void;
  /** Told of each line that could not be sent for a reason that a sender is told. */
  onHindered?: ((hindrance: Hindrance) => void) | undefined;
  /** Told of each call that came to nothing, be it the provider's fault, the network's or a device's. */
  onFailing?: ((failure: Hindrance) => void) | undefined;
  /** Told of each push that was refused for a key that others do not need. */
  onPartlyRefused?: ((refusal: Hindrance) => void) | undefined;
  /** Told of each push that the provider took, or refused for what it is. */
  onServed?: (() => void) | undefined;
}

/** Why a call could not be made, or came to nothing, as an operator is told. */
export interface Hindrance extends WaitReason {
  /** What is to be done about it, where that is known. */
  advice?: string;
}

/** A pause of a rate that is shorter is not worth giving a batch back for, in milliseconds. */
const RATE_WAIT_MS = 500;

/**
 * Puts a client behind the guards of its credential: nothing is sent while the provider refuses the credential, or faster than it
 * allows, and tokens are not blamed for what the credential may be the reason of.
 */
export function guardClient(client: PushClient, options: GuardOptions): PushClient {
  const { rateLimit, credentialGiveUpMs, onSuspected } = options;
  const breaker = createCredentialBreaker(options);
  const limiter = createRateLimiter(rateLimit);
  const suspicion = createTokenSuspicion();
  const gate = createProofGate();
  const { ignoredCodes = [], onHindered, onFailing, onPartlyRefused, onServed } = options;
  /** What kept the latest call from being made; `undefined` since one was served. */
  let hindrance: WaitReason | undefined;
  const givesUp = (operation: DeliverableOperation) => Date.now() > begunAt(operation) + credentialGiveUpMs;

  function judge(outcome: DeliveryOutcome): DeliveryOutcome {
    const { suspected, began } = suspicion.judge(outcome);
    if (began) onSuspected();
    if (!suspected || outcome.kind !== "rejected") return outcome;
    const { tokenIsGone, ...rest } = outcome;
    const detail = `${outcome.detail ?? ""} ${SUSPECTED}`.trim();
    return { ...rest, blame: "credential", credentialSuspected: true, detail };
  }

  function watch(outcome: DeliveryOutcome): void {
    if (outcome.kind === "rejected" && outcome.blame === "credential") {
      if (ignoredCodes.includes(outcome.code)) onPartlyRefused?.(told(outcome));
    } else if (outcome.kind === "accepted" || outcome.kind === "rejected") {
      hindrance = undefined;
      if (!breaker.paused()) onServed?.();
    } else if (!isOfOneDevice(outcome)) onFailing?.(told(outcome));
  }

  /** Sends one line, and says whether the gate may open: the provider did not refuse the credential. */
  function sendOne(operation: DeliverableOperation, token: string, send: SendOne, settle: Settle) {
    const call = breaker.begin();
    if (!call.granted) return settle(waits(breaker.paused(), call.waitMs, givesUp(operation)), false);
    const waitMs = limiter.take();
    if (waitMs > 0) {
      call.end(undefined);
      const retryAfterMs = Math.max(waitMs, RATE_WAIT_MS);
      return settle({ kind: "not-sent", ...RATE_LIMITED, retryAfterMs }, false);
    }
    const onResult = (result: SendResult) => {
      if (result.kind !== "attempted") {
        const isUnusable = result.kind === "not-sent" && result.blame === "credential";
        call.end(isUnusable ? { ...told(result), kind: "rejected", blame: "credential" } : undefined);
        if (isUnusable || !call.isWanted()) {
          return settle(waits(breaker.paused(), breaker.waitMs(), givesUp(operation)), false);
        }
        if (result.kind === "not-sent" && result.detail !== undefined) {
          hindrance = reasonOf(result);
          onHindered?.(told({ ...result, ...result.forOperator }));
        }
        // Where no call can be made at all, waiting in line would only take longer.
        return settle(result, result.kind === "not-sent" && result.code !== NOT_WANTED);
      }
      const outcome = judge(result.outcome);
      const shown = withoutToken(outcome, token);
      call.end(shown);
      watch(shown);
      if (outcome.kind === "retry" && outcome.throttlesCredential) {
        limiter.pause(Math.max(outcome.retryAfterMs ?? 0, outcome.backoffMs ?? 0));
      }
      settle({ ...result, outcome }, outcome.kind !== "rejected" || outcome.blame !== "credential");
    };
    send(onResult, call.isWanted);
  }

  return {
    heldBackMs(operation) {
      const paused = breaker.waitMs();
      if (paused > 0) return givesUp(operation) ? 0 : paused;
      const wait = limiter.waitMs();
      return wait > 0 ? Math.max(wait, RATE_WAIT_MS) : 0;
    },
    waitsFor() {
      const pause = breaker.paused();
      if (pause) return { code: pause.code, detail: withAdvice(pause.detail, pause.advice) ?? "" };
      return hindrance ?? (limiter.waitMs() > 0 ? RATE_LIMITED : undefined);
    },
    prepare(operation) {
      const prepared = client.prepare(operation);
      return {
        send(line, settle, isWanted = always) {
          const send: SendOne = (onResult, isCallWanted) =>
            prepared.send(line, onResult, () => isCallWanted() && isWanted());
          gate.enter((leave) => {
            const leaveWith: Settle = (result, isProof) => {
              settle(result);
              leave(isProof);
            };
            // It may have waited for another one's answer.
            if (isWanted()) sendOne(operation, line.token, send, leaveWith);
            else leaveWith({ kind: "not-sent", code: NOT_WANTED }, false);
          });
        },
      };
    },
    close: () => client.close(),
  };
}

/** Sends a line, if by the time of its call that is still wanted. */
type SendOne = (onResult: (result: SendResult) => void, isWanted: () => boolean) => void;

const always = () => true;

/** Whether it was too many pushes to one device, which says nothing of others. */
const isOfOneDevice = (outcome: DeliveryOutcome) =>
  outcome.kind === "retry" && outcome.httpStatus === 429 && !outcome.throttlesCredential;

const RATE_LIMITED: WaitReason = {
  code: "RATE_LIMITED",
  detail:
    "It waits its turn: no more is sent with its credential than its rate allows, or than the provider asked for.",
};

/** No provider's tokens are shorter: what is would be found in any text, as a part of its words. */
const TOKEN_LENGTH = 8;

/** What is told of a credential is for the log too, and a provider, or a proxy before it, may quote what it was sent. */
function withoutToken(outcome: DeliveryOutcome, token: string): DeliveryOutcome {
  if (token.length < TOKEN_LENGTH || !("detail" in outcome) || !outcome.detail?.includes(token)) return outcome;
  return { ...outcome, detail: outcome.detail.replaceAll(token, "…") };
}

/** What an operator is told of a line that was not sent, or not taken. */
function told({ code, detail = "", advice }: Pick<NotSent, "code" | "detail" | "advice">): Hindrance {
  return { code, detail, ...(advice !== undefined && { advice }) };
}

type Settle = (result: SendResult, isProof: boolean) => void;

const SUSPECTED =
  "Most tokens of this credential are refused so: it is probably for another app or environment, and the token was kept.";

const begunAt = ({ expiresAt, message }: DeliverableOperation) => expiresAt.getTime() - message.ttl * 1_000;

function waits(pause: CredentialPause | undefined, retryAfterMs: number, givesUp: boolean): SendResult {
  if (!pause) return { kind: "not-sent", code: "CREDENTIAL_PAUSED", retryAfterMs };
  const { code, detail, advice } = pause;
  if (givesUp) return { kind: "unsendable", code, detail: withAdvice(detail, advice) ?? "" };
  return { kind: "not-sent", code, detail, advice, retryAfterMs };
}
