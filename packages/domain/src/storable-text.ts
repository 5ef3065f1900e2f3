/** Characters of a provider's words that are kept on record. */
const MAX_LENGTH = 1_000;

const UNSTORABLE = /[\0\p{Cs}]/gu;

/**
 * Text from outside as the database can hold it: without U+0000 and lone surrogates, which Postgres refuses, and of
 * bounded length. One odd answer must not make a whole micro-batch unrecordable.
 */
export function storableText(text: string): string {
  return text.slice(0, MAX_LENGTH).replace(UNSTORABLE, "\uFFFD");
}
