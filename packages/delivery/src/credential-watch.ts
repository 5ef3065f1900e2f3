import { type CredentialRef, formatId, isUnusableCode } from "@fanfare/domain";
import type { CredentialPause } from "./credential-breaker.js";
import type { GuardOptions, Hindrance } from "./guard-client.js";

/** Where a worker's log goes: what repeats itself is counted there, by its message and credential. */
interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the guard of a credential tells. */
type Told = {
  [Event in "onPaused" | "onStillPaused" | "onResumed" | "onSuspected" | "onHindered" | "onServed"]-?: NonNullable<
    GuardOptions[Event]
  >;
};

/** Keeps in view how the credentials of a worker fare. */
export interface CredentialWatch {
  /** What the guard of a credential tells. A newer version begins without the trouble of the one before. */
  of(credential: CredentialRef): Told;
  /** Tells that what a credential is used with could not be renewed in advance: pushes go out all the same. */
  onUnrefreshed(credential: CredentialRef, hindrance: { code: string; message: string; advice: string }): void;
  /** Forgets a credential that is gone. */
  forget(credentialId: string): void;
  /** What an operator should know, for readiness: credentials that nothing can be sent with, and why; `undefined`: there is none. */
  describe(): string | undefined;
}

interface Trouble {
  version: number;
  code: string;
  detail: string;
  since: Date;
}

/** Credentials that readiness names, and characters of what it says of each. */
const NAMED_AT_MOST = 100;
const DETAIL_LENGTH = 160;

/** An end is told once in so long, in milliseconds: one line may get through while others do not. */
const END_TOLD_EVERY_MS = 10_000;

const PAUSED = "The provider refuses a credential: it is paused";
const UNUSABLE = "A credential can not be used: it is paused";
const HINDERED = "Nothing can be sent with a credential";

/** Makes a watch. `onSuspected` is told of credentials whose tokens are to be taken off the list of dead ones. */
export function createCredentialWatch(
  log: Log,
  onSuspected: (credential: CredentialRef) => void,
  nowMs: () => number = () => performance.now(),
): CredentialWatch {
  const troubles = new Map<string, Trouble>();
  const endToldAt = new Map<string, number>();

  function end(id: string, version: number, message: string): void {
    const trouble = troubles.get(id);
    // What an old version still gets answered tells nothing of the one after it.
    if (!trouble || trouble.version > version) return;
    troubles.delete(id);
    const now = nowMs();
    if (now - (endToldAt.get(id) ?? Number.NEGATIVE_INFINITY) < END_TOLD_EVERY_MS) return;
    endToldAt.set(id, now);
    const { code, since } = trouble;
    const pausedMs = Date.now() - since.getTime();
    log.info({ credential: formatId("credential", id), version, code, pausedMs }, message);
  }

  return {
    of(credential) {
      const { id, version } = credential;
      const named = { credential: formatId("credential", id), version };
      const older = troubles.get(id);
      if (older && older.version < version) troubles.delete(id);
      const pause = ({ code, detail, advice, since, ...more }: CredentialPause & { inFlight?: number }) => {
        troubles.set(id, { version, code, detail, since });
        log.error({ ...named, code, detail, advice, ...more }, isUnusableCode(code) ? UNUSABLE : PAUSED);
      };
      return {
        onPaused: pause,
        onStillPaused: pause,
        onResumed: () => end(id, version, "The provider takes the credential again"),
        onHindered({ code, detail, advice }: Hindrance) {
          const since = troubles.get(id)?.since ?? new Date();
          troubles.set(id, { version, code, detail, since });
          log.error({ ...named, code, detail, advice }, HINDERED);
        },
        onServed: () => end(id, version, "Pushes go out with the credential again"),
        onSuspected() {
          log.error(
            named,
            "Most tokens of a credential are refused: it is probably for another app or environment; the tokens are kept",
          );
          onSuspected(credential);
        },
      };
    },
    onUnrefreshed({ id, version }, { code, message: detail, advice }) {
      const named = { credential: formatId("credential", id), version };
      log.warn(
        { ...named, code, detail, advice },
        "A credential has no new access token yet; the present one still works",
      );
    },
    forget(credentialId) {
      troubles.delete(credentialId);
      endToldAt.delete(credentialId);
    },
    describe() {
      if (troubles.size === 0) return undefined;
      const each = [...troubles]
        .slice(0, NAMED_AT_MOST)
        .map(
          ([id, { code, detail, since }]) =>
            `${formatId("credential", id)}: ${shorten(code, detail)} since ${since.toISOString()}`,
        );
      const more = troubles.size - each.length;
      return `nothing is sent with ${each.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
    },
  };
}

function shorten(code: string, detail: string): string {
  return detail === "" ? code : `${code} (${detail.slice(0, DETAIL_LENGTH)})`;
}
