import { AppError } from "@fanfare/domain";
import { databaseUnavailable } from "./before-storing.js";

/** Lets a few at a time store something, in the order in which they came. */
export interface AcceptSlots {
  /**
   * Runs `store` once a slot is free.
   * @throws AppError 503 when none was free in time, or the database was found to be silent meanwhile: `store` was not run then.
   */
  run<Stored>(store: () => Promise<Stored>): Promise<Stored>;
}

/**
 * Makes slots for the statements that store operations: fewer than there are connections to the database, so that reads
 * never queue behind a crowd of sends.
 */
export function createAcceptSlots(
  slots: number,
  waitMs: number,
  isSilence: (error: unknown) => boolean = () => false,
): AcceptSlots {
  let free = slots;
  const waiting = new Map<() => void, (error: AppError) => void>();

  async function take(): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const given = () => {
        clearTimeout(timer);
        resolve();
      };
      const refused = (error: AppError) => {
        clearTimeout(timer);
        reject(error);
      };
      const timer = setTimeout(() => {
        waiting.delete(given);
        reject(
          new AppError("overloaded", "Too many sends are being stored; this one was not.", { retryAfterSeconds: 1 }),
        );
      }, waitMs);
      waiting.set(given, refused);
    });
  }

  /** They would wait for the same silence, one after the other. */
  function refuseAll(cause: unknown): void {
    for (const [given, refused] of [...waiting]) {
      waiting.delete(given);
      refused(databaseUnavailable(cause, "POST"));
    }
  }

  function giveBack(): void {
    const [next] = waiting.keys();
    if (!next) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  return {
    async run(store) {
      await take();
      try {
        return await store();
      } catch (error) {
        if (isSilence(error)) refuseAll(error);
        throw error;
      } finally {
        giveBack();
      }
    },
  };
}
