import { existsSync } from "node:fs";
import { dirname } from "node:path";

/** The longest path that an error shows, in characters. */
const SHOWN_MAX = 255;

const BEGINNING = /^(?:\/|\.\.?\/|~\/)/;
const ENDS_AS_FILE = /\.(?:p8|p12|pfx|pem|key|der|cer|crt|json|b64|base64|txt)$/i;
const PATH_CHARACTERS = /^[\w./~@:-]+$/;

/** Nobody names a file so: what is left of the lines around a key ends in dashes, and a URL may have a password. */
const NO_NAME = /[A-Za-z0-9]{20}|--|-$|\/\/|:.*@/;

/**
 * Whether a text can be shown in an error as the path that it is, since it can be no piece of a secret: it ends as a file's name does
 * (base64 has no dot), it has `/` and one of `.`, `_` and `-` (neither base64 nor base64url has both), or its folder is there.
 */
export function isPlainlyPath(text: string): boolean {
  if (text.length > SHOWN_MAX || !PATH_CHARACTERS.test(text) || NO_NAME.test(text)) return false;
  if (ENDS_AS_FILE.test(text)) return true;
  const rest = text.replace(BEGINNING, "");
  if (rest === text || !/^[^/]+\/[^/]/.test(rest)) return false;
  return /[._-]/.test(rest) || existsSync(dirname(text));
}
