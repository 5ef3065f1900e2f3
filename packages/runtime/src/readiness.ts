import { createCheckLog } from "./check-log.js";
import { keep } from "./keep.js";
import type { Log } from "./logger.js";
import { reasonOf } from "./reason-of.js";

/**
 * Resolves when the thing it checks is at hand, with a text when there is something to say about it, and rejects with the
 * reason when it is not.
 */
export type Check = () => Promise<unknown>;

/**
 * What it means when a check fails. `degrading`: work is taken all the same, and done later; `required`: none is to be given to this
 * process; `vital`: nor will that change before it is started anew.
 */
export type CheckKind = "degrading" | "required" | "vital";

/** What one check came to. */
export interface CheckResult {
  ok: boolean;
  detail?: string;
}

/** Whether a process takes work, and why not. */
export interface Readiness {
  status: "ok" | "degraded" | "unavailable";
  checks: Record<string, CheckResult>;
}

/** The checks of one process. */
export interface Checks {
  /** Adds checks; one of the same name is replaced. */
  add(checks: Readonly<Record<string, Check>>, kind: CheckKind): void;
  /** What those of some kinds, or of all, came to a second ago at most. */
  run(...kinds: CheckKind[]): Promise<Readiness>;
}

/** How long an answer is kept, in milliseconds: whoever asks more often costs nothing. */
const KEEP_MS = 1_000;

/** Makes the checks of a process, each with its own time limit; the log is told when one changes. */
export function createChecks(timeoutMs: number, log: Pick<Log, "info" | "warn">): Checks {
  const checks = new Map<string, { kind: CheckKind; run: () => Promise<CheckResult> }>();
  const tell = createCheckLog(log);
  return {
    add(more, kind) {
      for (const [name, check] of Object.entries(more)) {
        const told = async () => tell(name, await runCheck(check, timeoutMs));
        checks.set(name, { kind, run: keep(told, KEEP_MS) });
      }
    },
    async run(...kinds) {
      const asked = [...checks].filter(([, { kind }]) => kinds.length === 0 || kinds.includes(kind));
      const results = await Promise.all(
        asked.map(async ([name, { kind, run }]) => ({ name, kind, result: await run() })),
      );
      const failed = results.filter(({ result }) => !result.ok);
      return {
        status:
          failed.length === 0 ? "ok" : failed.every(({ kind }) => kind === "degrading") ? "degraded" : "unavailable",
        checks: Object.fromEntries(results.map(({ name, result }) => [name, result])),
      };
    },
  };
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
