import type { CredentialRef } from "@fanfare/domain";
import type { CredentialPause } from "./credential-breaker.js";
import type { GuardOptions } from "./guard-client.js";

/** Where a worker's log goes. */
interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Keeps in view how the credentials of a worker fare. */
export interface CredentialWatch {
  /** What the guard of a credential tells. */
  of(credential: CredentialRef): Pick<GuardOptions, "onPaused" | "onResumed" | "onSuspected">;
  /** What an operator should know, for readiness: credentials that are paused and why; `undefined`: none is. */
  describe(): string | undefined;
}

/** Makes a watch. `onSuspected` is told of credentials whose tokens are to be taken off the list of dead ones. */
export function createCredentialWatch(log: Log, onSuspected: (credential: CredentialRef) => void): CredentialWatch {
  const paused = new Map<string, CredentialPause>();
  return {
    of(credential) {
      const { id, version } = credential;
      const key = `${id} ${version}`;
      return {
        onPaused({ inFlight, ...pause }) {
          paused.set(key, pause);
          const { code, detail } = pause;
          log.error(
            { credential: id, version, code, detail, inFlight },
            "The provider refuses a credential: it is paused",
          );
        },
        onResumed({ since }) {
          paused.delete(key);
          const pausedMs = Date.now() - since.getTime();
          log.info({ credential: id, version, pausedMs }, "The provider takes the credential again");
        },
        onSuspected() {
          log.error(
            { credential: id, version },
            "Most tokens of a credential are refused: it is probably for another app or environment; the tokens are kept",
          );
          onSuspected(credential);
        },
      };
    },
    describe() {
      if (paused.size === 0) return undefined;
      const each = [...paused].map(
        ([key, { code, since }]) => `${key.split(" ")[0]}: ${code} since ${since.toISOString()}`,
      );
      return `paused: ${each.join(", ")}`;
    },
  };
}
