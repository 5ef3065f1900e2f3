import { AppError } from "@fanfare/domain";

/** Lets a few at a time store something, in the order in which they came. */
export interface AcceptSlots {
  /** Runs `store` once a slot is free. @throws AppError 503 when none was free in time: `store` was not run then. */
  run<Stored>(store: () => Promise<Stored>): Promise<Stored>;
}

/**
 * Makes slots for the statements that store operations: fewer than there are connections to the database, so that reads
 * never queue behind a crowd of sends.
 */
export function createAcceptSlots(slots: number, waitMs: number): AcceptSlots {
  let free = slots;
  const waiting = new Set<() => void>();

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
      const timer = setTimeout(() => {
        waiting.delete(given);
        reject(
          new AppError("overloaded", "Too many sends are being stored; this one was not.", { retryAfterSeconds: 1 }),
        );
      }, waitMs);
      waiting.add(given);
    });
  }

  function giveBack(): void {
    const [next] = waiting;
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
      } finally {
        giveBack();
      }
    },
  };
}
