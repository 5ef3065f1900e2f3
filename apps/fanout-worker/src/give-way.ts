import { setImmediate } from "node:timers/promises";

/** For how long the event loop is kept, in milliseconds: one line may take longer. */
const TURN_MS = 10;

/** To be asked between two lines: what is to be waited for before the next, if anything. */
export type GiveWay = () => Promise<void> | undefined;

/**
 * Lets all else in the process run between the lines of a batch: leases and locks are renewed, health is answered for, and
 * other batches get on, however long this one takes.
 *
 * @throws the reason of `stopping` once that is aborted
 */
export function createGiveWay(stopping?: AbortSignal): GiveWay {
  let begunAt = performance.now();

  async function giveWay(): Promise<void> {
    await setImmediate();
    stopping?.throwIfAborted();
    begunAt = performance.now();
  }
  return () => (performance.now() - begunAt < TURN_MS ? undefined : giveWay());
}
