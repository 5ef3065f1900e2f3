import { z } from "zod";
import { unquotedUrl } from "./unquoted.js";

/** Parts of a URL that a setting may have beside scheme and authority. */
type Part = "pathname" | "search" | "hash";

const NAMES: Readonly<Record<Part, string>> = { pathname: "a path", search: "a query", hash: "a fragment" };

/**
 * A setting that is a URL with some parts alone, in the form in which it stands in a request or an answer: ASCII. What would be left
 * out of it, or would be a secret where none belongs, is refused.
 */
function urlSetting(schemes: readonly string[], allowed: readonly Part[], form: (url: URL) => string) {
  const protocol = new RegExp(`^(${schemes.join("|")})$`);
  const beginnings = schemes.map((scheme) => `${scheme}://`).join(" or ");
  const error = `must be a whole URL that begins with ${beginnings}, with a port up to 65535 if it has one`;
  return unquotedUrl(z.url({ protocol, error })).transform((text, context) => {
    const url = new URL(text);
    const refuse = (what: string) => context.addIssue({ code: "custom", message: `must not have ${what}` });
    if (url.username !== "" || url.password !== "") refuse("a user or a password");
    for (const part of ["pathname", "search", "hash"] as const) {
      if (!allowed.includes(part) && !["", "/"].includes(url[part])) refuse(NAMES[part]);
    }
    return form(url);
  });
}

/** Where a server is: scheme and authority alone. Whoever speaks to it says which path. */
export const originSetting = urlSetting(["https"], [], ({ origin }) => origin);

/** What paths are put behind: scheme and authority, perhaps a path, without a slash at its end. */
export const baseUrlSetting = urlSetting(
  ["https", "http"],
  ["pathname"],
  ({ origin, pathname }) => `${origin}${pathname.replace(/\/+$/, "")}`,
);

/** A place that requests go to as it is. */
export const endpointSetting = urlSetting(["https"], ["pathname", "search"], ({ href }) => href);
