/** Characters of a provider's words that are kept on record. */
const MAX_LENGTH = 1_000;

/** Whether the database can hold a text as it is: without U+0000 and lone surrogates, which Postgres refuses. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes("\0");

/**
 * Text from outside as the database can hold it, and of bounded length. One odd answer must not make a whole micro-batch
 * unrecordable.
 */
export function storableText(text: string): string {
  return text.slice(0, MAX_LENGTH).toWellFormed().replaceAll("\0", "\uFFFD");
}
