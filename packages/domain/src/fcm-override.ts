import { z } from "zod";
import { HEADER_TEXT } from "./collapse-id.js";
import { dataPatchSchema } from "./data.js";
import { describeIssue } from "./describe-issue.js";
import { EXTRAS_KEY } from "./extras.js";
import { type Json, messageOf } from "./json.js";

const headersPatch = z
  .record(
    z.string().regex(/^[A-Za-z0-9-]+$/, "is not the name of a header"),
    z.string().regex(HEADER_TEXT, "must be text that a header can carry: visible ASCII, and spaces between").nullable(),
  )
  .nullish();

/** What is wrong with {@link EXTRAS_KEY} as a key of a payload. */
export const EXTRAS_KEY_RULE = "is a reserved key: Fanfare's own fields stand under it";

/** What of an override FCM, or what it hands on to APNs, would refuse, drop or put in the place of Fanfare's own. */
const checked = z.looseObject({
  data: dataPatchSchema.optional(),
  android: z.looseObject({ data: dataPatchSchema.optional() }).nullish(),
  apns: z
    .looseObject({
      headers: headersPatch,
      payload: z.looseObject({ [EXTRAS_KEY]: z.undefined(EXTRAS_KEY_RULE).optional() }).nullish(),
    })
    .nullish(),
});

/** Problems of an override of FCM's message, each with its path. */
export function fcmOverrideProblems(
  override: Readonly<Record<string, Json>>,
): { path: PropertyKey[]; message: string }[] {
  const issues = checked.safeParse(override, { error: describeIssue }).error?.issues ?? [];
  return issues.map((issue) => ({ path: issue.path, message: messageOf(issue) }));
}
