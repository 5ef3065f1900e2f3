import { type Db, removeExpired } from "@fanfare/db";

/** Pause when no more is past its time, and between two steps when there is, in milliseconds. */
const IDLE_PAUSE_MS = 60_000;
const STEP_PAUSE_MS = 50;

/** Removes what is past its retention, in small steps, until it is stopped. Any number may run. */
export function startRetention({
  db,
  retentionDays,
  onError,
}: {
  db: Db;
  retentionDays: number;
  onError: (error: unknown) => void;
}): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let step: Promise<void> = Promise.resolve();

  const run = () => {
    step = removeExpired(db, { retentionDays })
      .catch((error: unknown) => {
        onError(error);
        return { more: false };
      })
      .then(({ more }) => {
        if (!stopped) timer = setTimeout(run, more ? STEP_PAUSE_MS : IDLE_PAUSE_MS);
      });
  };
  run();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await step;
    },
  };
}
