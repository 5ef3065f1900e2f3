import { createHash } from "node:crypto";
import type { Request } from "express";

type Asked = Pick<Request, "originalUrl">;

/** The token of the page that begins after a cursor, of the list that a request asks for. */
export const pageTokenOf = (req: Asked, cursor: object): string => `${nameOf(req)}${encodeCursor(cursor)}`;

/** A cursor as text that a URL carries as it is. */
export const encodeCursor = (cursor: unknown): string => Buffer.from(JSON.stringify(cursor)).toString("base64url");

/** What {@link pageTokenOf} has put behind the name of the list; nothing when that is another one. */
export const cursorIn = (req: Asked, token: string): string =>
  token.startsWith(nameOf(req)) ? token.slice(NAME_LENGTH) : "";

const NAME_LENGTH = 8;

// Elsewhere a cursor may well be one, and would begin a page in the midst of what it has nothing to do with. A list is what its path and
// filters make it.
function nameOf({ originalUrl }: Asked): string {
  const { pathname, searchParams } = new URL(`http://localhost${originalUrl}`);
  for (const name of ["pageSize", "pageToken"]) searchParams.delete(name);
  searchParams.sort();
  return createHash("sha256").update(`${pathname}?${searchParams}`).digest("base64url").slice(0, NAME_LENGTH);
}
