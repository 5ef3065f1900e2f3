/**
 * Asks at most once in so many milliseconds, however often and by however many it is asked: who comes while an answer is under way
 * shares it, and it is kept for `keepMs` after it came, a rejection too. What never settles is never asked again.
 */
export function keep<Answer>(
  ask: () => Promise<Answer>,
  keepMs: number,
  nowMs: () => number = () => performance.now(),
): () => Promise<Answer> {
  let kept: Promise<Answer> | undefined;
  let staleAt = Number.POSITIVE_INFINITY;
  return () => {
    if (kept && nowMs() < staleAt) return kept;
    staleAt = Number.POSITIVE_INFINITY;
    kept = ask();
    const settled = () => {
      staleAt = nowMs() + keepMs;
    };
    kept.then(settled, settled);
    return kept;
  };
}
