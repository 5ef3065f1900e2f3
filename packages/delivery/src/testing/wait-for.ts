/** Waits for a condition, 5 s at most. */
export async function waitFor(condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error("It did not happen within 5 s.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
