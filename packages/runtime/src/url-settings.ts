import { z } from "zod";

/** Parts of a URL that a setting may have beside scheme and authority. */
type Part = "pathname" | "search" | "hash";

const NAMES: Readonly<Record<Part, string>> = { pathname: "a path", search: "a query", hash: "a fragment" };

/**
 * A setting that is a URL with some parts alone, in the form in which it stands in a request or an answer: ASCII, without a slash at
 * its end. What would be left out of it, or would be a secret where none belongs, is refused.
 */
function urlSetting(protocol: RegExp, allowed: readonly Part[]) {
  return z.url({ protocol }).transform((text, context) => {
    const url = new URL(text);
    const refuse = (what: string) => context.addIssue({ code: "custom", message: `must not have ${what}` });
    if (url.username !== "" || url.password !== "") refuse("a user or a password");
    for (const part of ["pathname", "search", "hash"] as const) {
      if (!allowed.includes(part) && !["", "/"].includes(url[part])) refuse(NAMES[part]);
    }
    return url.href.replace(/\/$/, "");
  });
}

/** Where a server is: scheme and authority alone. Whoever speaks to it says which path. */
export const originSetting = urlSetting(/^https$/, []);

/** What paths are put behind: scheme and authority, perhaps a path. */
export const baseUrlSetting = urlSetting(/^https?$/, ["pathname"]);

/** A place that requests go to as it is. */
export const endpointSetting = urlSetting(/^https$/, ["pathname", "search"]);
