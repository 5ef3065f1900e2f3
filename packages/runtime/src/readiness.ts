import { reasonOf } from "./reason-of.js";

/**
 * Resolves when the thing it checks is at hand, with a text when there is something to say about it, and rejects with the
 * reason when it is not.
 */
export type Check = () => Promise<unknown>;

/** What one check came to. */
export interface CheckResult {
  ok: boolean;
  detail?: string;
}

/** Whether a process takes work, and why not. */
export interface Readiness {
  ready: boolean;
  checks: Record<string, CheckResult>;
}

/** Runs all checks at once, each with its own time limit. */
export async function runChecks(checks: Readonly<Record<string, Check>>, timeoutMs: number): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check, timeoutMs)] as const),
  );
  return { ready: results.every(([, { ok }]) => ok), checks: Object.fromEntries(results) };
}

async function runCheck(check: Check, timeoutMs: number): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    const found = await Promise.race([check(), timeout]);
    return typeof found === "string" ? { ok: true, detail: found } : { ok: true };
  } catch (error) {
    return { ok: false, detail: reasonOf(error) };
  } finally {
    clearTimeout(timer);
  }
}
