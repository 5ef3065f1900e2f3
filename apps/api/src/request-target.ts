/** What a request line (RFC 9112, section 3.2) may have before path and query: scheme and authority of a whole URL. */
const SCHEME_AND_AUTHORITY = /^[a-z]+:\/\/[^/?#]*/i;

/**
 * Path and query of a request line's target. Where the request goes to is told by `Host` alone: a target that is a whole URL, which only
 * proxies need to send, names a host that nobody has checked. A `#`, which no target can have, is taken as a character of what it stands in.
 */
export function originForm(target: string): string {
  const rest = target.replace(SCHEME_AND_AUTHORITY, "").replaceAll("#", "%23");
  return rest.startsWith("/") || rest === "*" ? rest : `/${rest}`;
}

/** The path of a request's target in origin form, as it was sent. */
export const pathOf = (target: string): string => target.replace(/\?.*/s, "");

/** The query of a request's target in origin form, without its question mark. */
export const searchOf = (target: string): string => target.slice(pathOf(target).length + 1);
