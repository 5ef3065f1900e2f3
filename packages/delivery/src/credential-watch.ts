import { type CredentialRef, formatId, isUnusableCode } from "@fanfare/domain";
import type { CredentialPause } from "./credential-breaker.js";
import { createCredentialTroubles, type Trouble } from "./credential-troubles.js";
import type { GuardOptions } from "./guard-client.js";

/** Where a worker's log goes: what repeats itself is counted there, by its message and credential. */
interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the guard of a credential tells. */
type Told = {
  [Event in
    | "onPaused"
    | "onStillPaused"
    | "onResumed"
    | "onSuspected"
    | "onHindered"
    | "onFailing"
    | "onPartlyRefused"
    | "onServed"]-?: NonNullable<GuardOptions[Event]>;
};

/** Keeps in view how the credentials of a worker fare. */
export interface CredentialWatch {
  /** What the guard of a credential tells. A newer version begins without the trouble of the one before. */
  of(credential: CredentialRef): Told;
  /** Tells that what a credential is used with could not be renewed in advance: pushes go out all the same. */
  onUnrefreshed(credential: CredentialRef, hindrance: { code: string; message: string; advice: string }): void;
  /** Forgets a credential that is gone. */
  forget(credentialId: string): void;
  /** What an operator should know, for readiness: credentials that nothing or not all is sent with, and why; `undefined`: there is none. */
  describe(): string | undefined;
}

/** How a trouble is told, with the fields that it has besides. */
interface Telling {
  level?: "warn" | "error";
  /** What of a credential's pushes it keeps. */
  keeps?: "all" | "some";
  inFlight?: number;
}

/** Why something was not sent, or not taken. */
type Refusal = Pick<CredentialPause, "code" | "detail" | "advice"> & { since?: Date };

/** Credentials that readiness names, and characters of what it says of each. */
const NAMED_AT_MOST = 100;
const DETAIL_LENGTH = 160;

/** An end is told once in so long, in milliseconds: one line may get through while others do not. */
const END_TOLD_EVERY_MS = 10_000;

const PAUSED = "The provider refuses a credential: it is paused";
const UNUSABLE = "A credential can not be used: it is paused";
const HINDERED = "Nothing can be sent with a credential";

const FAILING = "The provider takes no push of a credential";
const PARTLY_REFUSED = "The provider refuses some pushes of a credential";

/** Makes a watch. `onSuspected` is told of credentials whose tokens are to be taken off the list of dead ones. */
export function createCredentialWatch(
  log: Log,
  onSuspected: (credential: CredentialRef) => void,
  nowMs: () => number = () => performance.now(),
): CredentialWatch {
  const troubles = createCredentialTroubles(nowMs);
  let endsToldAt = new Map<string, number>();

  function end({ id, version }: CredentialRef, message: string): void {
    const over = troubles.end(id, version);
    if (!over) return;
    const now = nowMs();
    if (now - (endsToldAt.get(id) ?? Number.NEGATIVE_INFINITY) < END_TOLD_EVERY_MS) return;
    endsToldAt = new Map([...endsToldAt].filter(([, toldAt]) => now - toldAt < END_TOLD_EVERY_MS)).set(id, now);
    const { code, since } = over;
    log.info({ ...nameOf({ id, version }), code, pausedMs: Date.now() - since.getTime() }, message);
  }

  return {
    of(credential) {
      const { id, version } = credential;
      const named = nameOf(credential);
      troubles.see(id, version);
      const tell = (message: string, hindrance: Refusal, { level = "error", keeps = "all", ...more }: Telling = {}) => {
        const { code, detail, advice } = hindrance;
        if (troubles.report(id, version, hindrance, keeps)) {
          log[level]({ ...named, code, detail, advice, ...more }, message);
        }
      };
      const pause = ({ inFlight, ...refusal }: CredentialPause & { inFlight?: number }) =>
        tell(isUnusableCode(refusal.code) ? UNUSABLE : PAUSED, refusal, inFlight === undefined ? {} : { inFlight });
      return {
        onPaused: pause,
        onStillPaused: pause,
        onResumed: () => end(credential, "The provider takes the credential again"),
        // Once the provider can be reached it goes on by itself.
        onHindered: (hindrance) => tell(HINDERED, hindrance, { level: "warn" }),
        onFailing(failure) {
          if (troubles.fail(id, version)) tell(FAILING, { advice: WAIT, ...failure }, { level: "warn" });
        },
        onPartlyRefused: (refusal) => tell(PARTLY_REFUSED, refusal, { keeps: "some" }),
        onServed: () => end(credential, "Pushes go out with the credential again"),
        onSuspected() {
          log.error(named, SUSPECTED);
          onSuspected(credential);
        },
      };
    },
    onUnrefreshed(credential, { code, message: detail, advice }) {
      log.warn({ ...nameOf(credential), code, detail, advice }, UNREFRESHED);
    },
    forget: troubles.forget,
    describe: () => describe(troubles.current()),
  };
}

const WAIT =
  "It goes on by itself once the provider takes pushes again: look at its status page, and at the worker's way to it.";
const SUSPECTED =
  "Most tokens of a credential are refused: it is probably for another app or environment; the tokens are kept";
const UNREFRESHED = "A credential has no new access token yet; the present one still works";

const nameOf = ({ id, version }: Pick<CredentialRef, "id" | "version">) => ({
  credential: formatId("credential", id),
  version,
});

function describe(current: readonly [id: string, trouble: Trouble][]): string | undefined {
  if (current.length === 0) return undefined;
  const named = current.slice(0, NAMED_AT_MOST).map(([id, { code, detail, since, keeps }]) => {
    const what = keeps === "all" ? "nothing is sent" : "some is refused";
    return `${what} with ${formatId("credential", id)}: ${shorten(code, detail)} since ${since.toISOString()}`;
  });
  const more = current.length - named.length;
  return `${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}

function shorten(code: string, detail: string): string {
  return detail === "" ? code : `${code} (${detail.slice(0, DETAIL_LENGTH)})`;
}
