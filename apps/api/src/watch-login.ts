import type { Request } from "express";
import { isStillGood } from "./middleware/authenticate.js";

/** How often it is asked, in milliseconds: with the time for which the answer is kept, a revocation is seen within 1.5 s. */
const INTERVAL_MS = 500;

/**
 * Calls back once, as soon as the credentials of a request that goes on are not good any more, but not after the function that it
 * returns was called.
 */
export function watchLogin(req: Request, onEnd: () => void): () => void {
  const look = async () => {
    // While the database is away it is not known, and others tell of that.
    const isGood = await isStillGood(req).catch(() => true);
    if (isGood || stopped) return;
    stop();
    onEnd();
  };
  let stopped = false;
  const timer = setInterval(() => void look(), INTERVAL_MS);
  const stop = () => {
    stopped = true;
    clearInterval(timer);
  };
  return stop;
}
