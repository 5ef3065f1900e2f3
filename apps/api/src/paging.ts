import { EXAMPLE } from "@fanfare/domain";
import type { Request } from "express";
import { z } from "zod";
import { baseUrl } from "./base-url.js";
import { encodeCursor, pageTokenOf } from "./page-token.js";
import type { CheckedRequest } from "./route.js";

/** Entries of a page, unless the request says otherwise. */
const PAGE_SIZE = 50;
const PAGE_SIZE_MAX = 1_000;

/** Where a list goes on, and where it is. */
export const paginationSchema = z
  .object({
    next: z.string().nullable().meta({ description: "URL of the next page; null at the end." }),
    self: z.string().meta({ description: "URL of this page." }),
  })
  .meta({
    id: "Pagination",
    description: "Where the list goes on, and where it is.",
    examples: [{ next: null, self: `${EXAMPLE.baseUrl}/v1/PushNotifications?operationId=${EXAMPLE.ids.operation}` }],
  });

/** The query parameters of a list whose pages end at a `Cursor`. */
export function pageQuery<Cursor extends z.ZodType>(cursor: Cursor) {
  return {
    pageSize: z
      .string()
      .refine(
        (text) => /^[1-9]\d{0,3}$/.test(text) && Number(text) <= PAGE_SIZE_MAX,
        "must be a number from 1 to 1,000",
      )
      .transform(Number)
      .default(PAGE_SIZE)
      .meta({
        override: { type: "integer", minimum: 1, maximum: PAGE_SIZE_MAX, default: PAGE_SIZE, examples: [PAGE_SIZE] },
        description: "How many entries a page has at most.",
      }),
    pageToken: z
      .string()
      .transform((text, context) => decodeCursor(cursor, text, context))
      .optional()
      .meta({
        override: { type: "string", examples: ["q3mXw0ZkeyJiZWZvcmUiOiIuLi4ifQ"] },
        description:
          "Where the page begins, as `pagination.next` says: opaque, and good for the same path and filters only. Absent: at the beginning.",
      }),
  };
}

/** The cursor of a list that is ordered by id, newest first. */
const idCursor = z.strictObject({ before: z.guid() });

/** The query parameters of a list that is ordered by id. */
export const idPageQuery = pageQuery(idCursor);

/** The page that such a query asks for, with one entry more, which tells whether there is a next page. */
export function idPage({ pageSize, pageToken }: { pageSize: number; pageToken?: { before: string } | undefined }) {
  return { before: pageToken?.before, limit: pageSize + 1 };
}

/** A request for a page of a list. */
type PageRequest = Pick<CheckedRequest<unknown, { pageSize: number }, unknown>, "query" | "http">;

/** A page's entries, without the one more, and the `pagination` of its answer. */
export function cutPage<Entry>(
  found: readonly Entry[],
  { query, http }: PageRequest,
  publicUrl: string | undefined,
  cursorOf: (last: Entry) => object,
): { entries: Entry[]; pagination: z.infer<typeof paginationSchema> } {
  const entries = found.slice(0, query.pageSize);
  const last = entries.at(-1);
  const more = found.length > entries.length && last !== undefined;
  return { entries, pagination: pagination(publicUrl, http.req, more ? cursorOf(last) : null) };
}

/** The same of a list that is ordered by id. */
export const cutIdPage = <Entry extends { id: string }>(
  found: readonly Entry[],
  req: PageRequest,
  publicUrl: string | undefined,
) => cutPage(found, req, publicUrl, ({ id }) => ({ before: id }));

/** The `pagination` of an answer. */
export function pagination(
  publicUrl: string | undefined,
  req: Request,
  next: object | null,
): z.infer<typeof paginationSchema> {
  const url = new URL(`${baseUrl(publicUrl, req)}${req.originalUrl}`);
  const self = url.href;
  if (next === null) return { next, self };
  url.searchParams.set("pageToken", pageTokenOf(req, next));
  return { next: url.href, self };
}

function decodeCursor<Cursor extends z.ZodType>(
  cursor: Cursor,
  text: string,
  context: z.RefinementCtx,
): z.infer<Cursor> {
  try {
    const decoded = JSON.parse(Buffer.from(text, "base64url").toString());
    // Base64 is read without regard to what does not belong there.
    if (encodeCursor(decoded) === text) return cursor.parse(decoded);
  } catch {
    // What is no JSON, or not of this list, is no token either.
  }
  context.addIssue({ code: "custom", message: "is not a page token of this list" });
  return z.NEVER;
}
