import { MAX_ORDINAL } from "@fanfare/domain";
import { z } from "zod";

const pageTokenSchema = z.strictObject({ afterOrdinal: z.int().min(0).max(MAX_ORDINAL) });

/** Where a page ends. Ordinals never change, so a token stays valid whatever is inserted. */
export type PageToken = z.infer<typeof pageTokenSchema>;

/** A page token as callers see it: opaque, safe in a URL. */
export function encodePageToken(token: PageToken): string {
  return Buffer.from(JSON.stringify(token)).toString("base64url");
}

/** Reads what {@link encodePageToken} wrote; for use as a zod transform: anything else is an issue of the field. */
export function decodePageToken(text: string, context: z.RefinementCtx): PageToken {
  try {
    return pageTokenSchema.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  } catch {
    context.addIssue({ code: "custom", message: "is not a page token of this list" });
    return z.NEVER;
  }
}
