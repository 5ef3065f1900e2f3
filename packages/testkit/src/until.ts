/** How {@link until} waits. */
export interface UntilOptions {
  /** @default 15,000 */
  timeoutMs?: number;
  /** @default 20 */
  intervalMs?: number;
}

/**
 * Polls until `condition` answers with something that is neither false nor absent, and returns that.
 *
 * @throws Error with the last answer, or with what it last threw, when the time is up.
 */
export async function until<Answer>(
  condition: () => Answer | Promise<Answer>,
  { timeoutMs = 15_000, intervalMs = 20 }: UntilOptions = {},
): Promise<NonNullable<Exclude<Answer, false>>> {
  const giveUpAt = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < giveUpAt) {
    try {
      const answer = await condition();
      if (answer !== false && answer !== undefined && answer !== null)
        return answer as NonNullable<Exclude<Answer, false>>;
      last = answer;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
  throw new Error(`It did not happen within ${timeoutMs} ms; last: ${last instanceof Error ? last.stack : last}`);
}
