/** Characters of a provider's words that are kept on record. */
const MAX_LENGTH = 1_000;

/** U+0000 and lone surrogates, which Postgres refuses. */
const UNSTORABLE = /[\0\p{Cs}]/u;
const EACH_UNSTORABLE = new RegExp(UNSTORABLE, "gu");

/** Whether the database can hold a text as it is. */
export const isStorable = (text: string): boolean => !UNSTORABLE.test(text);

/**
 * Text from outside as the database can hold it: without U+0000 and lone surrogates, which Postgres refuses, and of
 * bounded length. One odd answer must not make a whole micro-batch unrecordable.
 */
export function storableText(text: string): string {
  return text.slice(0, MAX_LENGTH).replace(EACH_UNSTORABLE, "\uFFFD");
}
