import { z } from "zod";

/** A setting without white space, a byte order mark and quotation marks around it, which `docker --env-file` hands on as they are. */
export function unquoted(setting: string): string {
  const text = setting.trim();
  return /^(["'])[\s\S]*\1$/.test(text) && text.length > 1 ? text.slice(1, -1).trim() : text;
}

/** A URL that may have such things around it. */
export function unquotedUrl<Schema extends z.ZodType<string, string>>(schema: Schema) {
  // Parsers of URLs take it away without a word, out of a password too.
  const hasNone = (text: string) => !/\s/.test(text);
  return z
    .string()
    .transform(unquoted)
    .refine(hasNone, { error: "has white space, which has to be percent-encoded in a URL", abort: true })
    .pipe(schema);
}
