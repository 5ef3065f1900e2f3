import { z } from "zod";
import { unquotedUrl } from "./unquoted.js";

/** What is to be said of a URL that has a password, wherever one is refused. */
const PERCENT_ENCODED = "; in the password, characters such as / ? # @ % have to be percent-encoded";

/**
 * A setting that is the URL of a server, with a user and a password in it where it wants some.
 *
 * @param example Is told where a URL is none.
 * @param hasAccess Whether the user and the password are ones that the server's client can decode.
 */
export function serverUrl(protocol: RegExp, example: string, hasAccess: (url: string) => boolean) {
  return unquotedUrl(
    z
      .url({ protocol, error: `must be a URL such as ${example}${PERCENT_ENCODED}` })
      // Cut at the #, a part of the password would be taken for a port.
      .refine((url) => !/#.*@/.test(url), `has a # in its password${PERCENT_ENCODED}`)
      .refine(hasAccess, `has a % in its password that stands for no character${PERCENT_ENCODED}`),
  );
}

/** Whether the user and the password of a URL can be decoded; of what is no URL another rule tells. */
export const hasPlainAccess = (url: string): boolean => isDecodable(accessIn(url));

/** The same where a % that begins no two hexadecimal digits stands for itself, as Postgres's client has it. */
export const hasAccessForPostgres = (url: string): boolean =>
  isDecodable(accessIn(url).replace(/%(?![0-9a-f]{2})/gi, "%25"));

function accessIn(url: string): string {
  if (!URL.canParse(url)) return "";
  const { username, password } = new URL(url);
  return `${username}${password}`;
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch {
    // The error quotes nothing, and says no more.
    return false;
  }
}
