import { EXAMPLE, parseId, recordOf } from "@fanfare/domain";
import { z } from "zod";

const TAG_PREFIX = "tag.";
const TAGS = "tags";

/**
 * Gathers `tag.<key>=<value>` parameters of a query under `tags`, so that a schema can name them; the other parameters
 * stay as they are.
 */
export function withTags<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((query, context) => {
    if (typeof query !== "object" || query === null) return query;
    const input = query as Record<string, unknown>;
    const { [TAGS]: notGathered, ...given } = input;
    if (notGathered !== undefined) context.addIssue({ code: "unrecognized_keys", keys: [TAGS], input });
    const entries = Object.entries(given);
    const tags = entries.filter(([name]) => name.startsWith(TAG_PREFIX)).map(([name, value]) => [name.slice(4), value]);
    const others = entries.filter(([name]) => !name.startsWith(TAG_PREFIX));
    return { ...(tags.length > 0 && { [TAGS]: Object.fromEntries(tags) }), ...Object.fromEntries(others) };
  }, schema);
}

/** The name of the parameter that stands at a place of a query, as {@link withTags} has made it. */
export function parameterAt([first, ...rest]: readonly PropertyKey[]): string {
  const name = String(first ?? "");
  return name === TAGS && rest.length > 0 ? `${TAG_PREFIX}${rest.join(".")}` : name;
}

/** Text that the database can compare with. */
const comparable = z.string().regex(/^[^\0]*$/, "must not contain U+0000");

/** Text in a query, of so many characters at most. */
export const textFilter = (max: number, about: { description: string; examples: string[] }) =>
  comparable.min(1).max(max).optional().meta(about);

/** Tags that a query may name. */
const TAGS_MAX = 10;

/** What {@link withTags} gathers. */
export const tagsFilter = recordOf(comparable.min(1).max(128), comparable.max(256))
  .superRefine((tags, context) => {
    const [tooMany] = Object.keys(tags).slice(TAGS_MAX);
    if (tooMany !== undefined)
      context.addIssue({
        code: "custom",
        path: [tooMany],
        message: `is one tag more than the ${TAGS_MAX} that there may be`,
      });
  })
  .optional()
  .meta({
    description: `Only those with this tag: \`tag.<key>=<value>\`, once for each of at most ${TAGS_MAX} tags, which all have to be there.`,
    override: {
      propertyNames: { type: "string", pattern: "^tag[.]" },
      examples: [{ [`${TAG_PREFIX}campaign`]: "boarding" }],
    },
    param: { style: "form", explode: true },
  });

// Years that ISO 8601 can write and the database can not, and those that an offset makes of them.
const FIRST_MS = 0;
const LAST_MS = Date.UTC(9999, 11, 31);

/** A time as callers write it. Nothing is older than 1970, and what is later than year 9999 need not be told apart. */
export const timeSchema = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(Math.min(Math.max(Date.parse(text), FIRST_MS), LAST_MS)));

/** A time in a query. */
export const timeFilter = (description: string, example: string) =>
  timeSchema.optional().meta({
    override: { type: "string", format: "date-time", examples: [example] },
    description: `${description} RFC 3339, with \`Z\` or an offset (\`+\` is \`%2B\` in a query).`,
  });

/** The times between which something was made. */
export const createdFilters = {
  createdAfter: timeFilter("Only those with a `createdAt` at this time or later.", "2026-04-05T00:00:00Z"),
  createdBefore: timeFilter("Only those with an earlier `createdAt`.", "2026-04-06T00:00:00Z"),
};

/** The id of an operation in a query; its UUID inside. */
export const operationIdFilter = z
  .string()
  .transform((id, context) => {
    const uuid = parseId("operation", id);
    if (!uuid) context.addIssue({ code: "custom", message: "is not the id of an operation" });
    return uuid ?? z.NEVER;
  })
  .optional()
  .meta({
    override: { type: "string", examples: [EXAMPLE.ids.operation] },
    description: "Only notifications of this operation.",
  });
