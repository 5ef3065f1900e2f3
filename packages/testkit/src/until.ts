import { inspect } from "node:util";

/** How {@link until} waits. */
export interface UntilOptions {
  /** @default 15,000 */
  timeoutMs?: number;
  /** @default 20 */
  intervalMs?: number;
  /** What is waited for, for the failure's message. @default "It" */
  describe?: string;
}

type Present<Answer> = NonNullable<Exclude<Answer, false>>;

/**
 * Polls until `condition` answers with something that is neither false nor absent, and returns that.
 *
 * @throws Error with the last answer, or with what it last threw, when the time is up.
 */
export async function until<Answer>(
  condition: () => Answer | Promise<Answer>,
  { timeoutMs = 15_000, intervalMs = 20, describe = "It" }: UntilOptions = {},
): Promise<Present<Answer>> {
  let last: unknown = "no answer yet";
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const text = last instanceof Error ? last.stack : inspect(last, { breakLength: 120 });
      reject(new Error(`${describe} did not happen within ${timeoutMs} ms; last: ${text}`, { cause: last }));
    }, timeoutMs);
  });
  let given = false;
  const poll = async (): Promise<Present<Answer>> => {
    for (;;) {
      try {
        const answer = await condition();
        if (answer !== false && answer !== undefined && answer !== null) return answer as Present<Answer>;
        last = answer;
      } catch (error) {
        last = error;
      }
      if (given) throw new Error("Given up.");
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  };
  try {
    return await Promise.race([poll(), timeUp]);
  } finally {
    given = true;
    clearTimeout(timer);
  }
}
