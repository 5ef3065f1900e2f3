/** What stands between the name of a user and the host in a URL; up to the last @, in case the password has one. */
const PASSWORD_IN_URL = /([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:@/]{0,256}:)\S{1,1024}@/gi;

/** V8 quotes some ten characters on either side of what it stumbles over, and a short text whole. */
const QUOTED_JSON = /(?:\.\.\.)?"[\s\S]{0,64}?"(?:\.\.\.)? is not valid JSON/g;

/** To its end, or, where that is missing, to the end of the text. */
const PEM = /-----BEGIN [A-Z0-9 ]{1,64}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,64}-----|$)/g;

/** Postgres says what a value should have been and quotes it whole, at the end of its message. */
const QUOTED_VALUE =
  /((?:invalid input syntax for type|invalid input value for enum|malformed) [\w ."]{1,64}|out of range): "[\s\S]*?"(?=[\n`]|$)/g;

/**
 * An error's text without what libraries quote in it of what they were given: passwords in URLs, JSON that is none, keys in PEM form, values
 * that are not of a column's type.
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(PASSWORD_IN_URL, "$1[secret]@")
    .replace(QUOTED_JSON, "what was read is not valid JSON")
    .replace(QUOTED_VALUE, "$1")
    .replace(PEM, "[secret]");
}
