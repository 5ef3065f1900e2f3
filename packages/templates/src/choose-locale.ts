/**
 * The language tag of `available` that serves a recipient of `locale` best: lookup by RFC 4647, section 3.4. `pt-BR-x-a`
 * is served by `pt-BR`, and that by `pt`. Case does not matter; what comes back is spelled as in `available`.
 *
 * @returns undefined when there is no locale, or none of its prefixes is available
 */
export function chooseLocale(locale: string | undefined, available: readonly string[]): string | undefined {
  const subtags = locale?.toLowerCase().split("-") ?? [];
  while (subtags.length > 0) {
    const range = subtags.join("-");
    const match = available.find((tag) => tag.toLowerCase() === range);
    if (match !== undefined) return match;
    subtags.pop();
    // A single letter only introduces what has just been dropped, and means nothing without it.
    if (subtags.at(-1)?.length === 1) subtags.pop();
  }
  return undefined;
}
