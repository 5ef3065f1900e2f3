import type { DeliveryOutcome } from "@fanfare/domain";

/** Tells a credential that is for another app or environment from device tokens that are bad. */
export interface TokenSuspicion {
  /** Counts an outcome; whether it is the credential that is to be suspected of it, and whether that is new. */
  judge(outcome: DeliveryOutcome): { suspected: boolean; began: boolean };
}

/** Outcomes that are looked back on. */
const WINDOW = 100;

/** Refusals that make a suspicion, if they are most of the window. */
const AT_LEAST = 20;

/**
 * Makes a counter for one credential. A refusal that may be the credential's fault (the token is not valid here, or belongs to
 * another app) is held against the token, until more than half of what was decided lately were such refusals.
 */
export function createTokenSuspicion(): TokenSuspicion {
  const window: boolean[] = [];
  let next = 0;
  let mismatches = 0;
  let suspected = false;

  function count(isMismatch: boolean): void {
    if (window[next]) mismatches--;
    if (isMismatch) mismatches++;
    window[next] = isMismatch;
    next = (next + 1) % WINDOW;
  }

  return {
    judge(outcome) {
      const isMismatch = outcome.kind === "rejected" && outcome.blame === "token" && !outcome.tokenIsGone;
      if (!isMismatch && outcome.kind !== "accepted") return { suspected: false, began: false };
      count(isMismatch);
      const before = suspected;
      suspected = mismatches >= AT_LEAST && mismatches * 2 > window.length;
      return { suspected: suspected && isMismatch, began: suspected && !before };
    },
  };
}
