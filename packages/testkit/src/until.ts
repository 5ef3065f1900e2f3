import { inspect } from "node:util";
import { patient } from "./patience.js";

/** How {@link until} waits. */
export interface UntilOptions {
  /** How long nothing that it sees may change, for an idle machine: see {@link patient}. @default 30,000 */
  quietMs?: number;
  /** Between two polls at least; what is dear to ask, or is asked of a busy machine, is asked less often. @default 20 */
  intervalMs?: number;
  /** What is waited for, for the failure's message. @default "It" */
  describe?: string;
}

/** Shows {@link until} what to watch, and hands it back. */
export type See = <Seen>(seen: Seen) => Seen;

type Present<Answer> = NonNullable<Exclude<Answer, false>>;

/** How much longer than the asking the pause after it is; at most so many milliseconds, or it would outlast `quietMs`. */
const PAUSE_PER_POLL = 4;
const PAUSE_MAX_MS = 250;

/**
 * Polls until `condition` answers with something that is neither false nor absent, and returns that. As long as what it
 * sees goes on changing, it waits: what the condition shows it with `see`, else what it answers or throws.
 *
 * @throws Error with what was seen last, when that has not changed for `quietMs`.
 */
export async function until<Answer>(
  condition: (see: See) => Answer | Promise<Answer>,
  { quietMs = 30_000, intervalMs = 20, describe = "It" }: UntilOptions = {},
): Promise<Present<Answer>> {
  const here = new Error();
  Error.captureStackTrace(here, until);
  const quiet = watchForQuiet(patient(quietMs), describe, here);
  let given = false;
  const poll = async (): Promise<Present<Answer>> => {
    while (!given) {
      const beganAt = performance.now();
      const seen: unknown[] = [];
      const see: See = (value) => {
        seen.push(value);
        return value;
      };
      try {
        const answer = await condition(see);
        if (answer !== false && answer !== undefined && answer !== null) return answer as Present<Answer>;
        if (seen.length === 0) seen.push(answer);
      } catch (error) {
        seen.push(error);
      }
      quiet.saw(seen);
      const pauseMs = Math.max(intervalMs, Math.min(PAUSE_MAX_MS, PAUSE_PER_POLL * (performance.now() - beganAt)));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    throw new Error("Given up.");
  };
  try {
    return await Promise.race([poll(), quiet.reached]);
  } finally {
    given = true;
    quiet.end();
  }
}

/** `here`: where who waits stands, which is what its failure is to show. */
function watchForQuiet(quietMs: number, describe: string, here: Error) {
  let last = "no answer yet";
  let cause: unknown;
  let timer: NodeJS.Timeout | undefined;
  let fail: (error: Error) => void;
  const reached = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const giveUp = () => {
    const message = `${describe} did not happen: nothing changed for ${quietMs} ms; last: ${last}`;
    const error = new Error(message, { cause });
    error.stack = `Error: ${message}\n${here.stack?.split("\n").slice(1).join("\n")}`;
    fail(error);
  };
  timer = setTimeout(giveUp, quietMs);
  return {
    reached,
    saw(seen: unknown[]) {
      const text = seen.map(show).join(", ");
      if (text === last) return;
      last = text;
      cause = seen.at(-1);
      clearTimeout(timer);
      timer = setTimeout(giveUp, quietMs);
    },
    end: () => clearTimeout(timer),
  };
}

// Of an error its message: the stack of one that is thrown anew may differ, though nothing has changed.
function show(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return inspect(value, { breakLength: 120, depth: 6, sorted: true });
}
