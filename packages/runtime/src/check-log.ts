import type { Log } from "./logger.js";
import type { CheckResult } from "./readiness.js";

/**
 * Tells the log each change of a check once: red with its reason, and green again with for how long it was red. Hands the result
 * on. That a reason changes while a check is red is no change.
 */
export function createCheckLog(
  log: Pick<Log, "info" | "warn">,
  nowMs: () => number = () => performance.now(),
): (check: string, result: CheckResult) => CheckResult {
  const redSince = new Map<string, number>();
  return (check, result) => {
    const since = redSince.get(check);
    if (result.ok && since !== undefined) {
      redSince.delete(check);
      log.info({ check, redMs: Math.round(nowMs() - since) }, `The check of ${check} is green again`);
    } else if (!result.ok && since === undefined) {
      redSince.set(check, nowMs());
      log.warn({ check, reason: result.detail }, `The check of ${check} is red`);
    }
    return result;
  };
}
