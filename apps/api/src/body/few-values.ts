import { countValues } from "@fanfare/domain";
import { jsonPointer } from "../json-pointer.js";
import { invalidRequest } from "../parse-request.js";

/** Values that a body may have, but for a list of which each entry is looked at for itself: 50 languages of 100 fields. */
const VALUES_MAX = 5_000;

/**
 * Sees to it that what a schema has to say of a body is bounded: it looks at all of it before it says anything.
 *
 * @param except the field that may have more
 * @throws AppError 400
 */
export function requireFewValues(body: unknown, except: string | undefined): void {
  if (typeof body !== "object" || body === null) return;
  let left = VALUES_MAX;
  for (const [field, value] of Object.entries(body)) {
    if (field === except) continue;
    left -= countValues(value, left);
    if (left >= 0) continue;
    const detail = `must have fewer values: ${VALUES_MAX.toLocaleString("en-US")} are taken in all`;
    throw invalidRequest([{ pointer: jsonPointer([field]), code: "too-big", detail }], "nothing was stored");
  }
}
