import { escapeIdentifier } from "pg";

/** A server, or what stands before it, can not do what Fanfare needs of it, however often it is asked. */
export class UnusableServerError extends Error {
  override readonly name = "UnusableServerError";
  /** Its message is a sentence for whoever set things up. */
  readonly forOperator = true;
  readonly exitCode: number = 1;
}

/** As PgBouncer refuses a connection: https://www.pgbouncer.org/config.html#ignore_startup_parameters */
const REFUSED_PARAMETER = /unsupported startup parameter(?: in options)?: (\w+)/;

/** What such an error means to whoever set the server up; every other one as it is. */
export function explainRefusal(error: unknown): unknown {
  const parameter = error instanceof Error ? REFUSED_PARAMETER.exec(error.message)?.[1] : undefined;
  if (parameter === undefined) return error;
  const wayOut = parameter === "search_path" ? "track_extra_parameters" : "ignore_startup_parameters";
  return new UnusableServerError(
    `The pooler before Postgres refuses the start-up parameter ${parameter}: name it in PgBouncer's ${wayOut}.`,
    { cause: error },
  );
}

/** A name that means the same with and without quotation marks. */
const NEEDS_NO_QUOTES = /^[a-z_][a-z0-9_]*$/;

/**
 * Whether a session is in the one schema that it was opened for.
 *
 * @param searchPath The session's own: `current_setting('search_path')`.
 * @throws UnusableServerError when it is not: a pooler did not hand it on.
 */
export function requireSearchPath(searchPath: string, schema: string): void {
  const same = NEEDS_NO_QUOTES.test(schema) ? [schema, escapeIdentifier(schema)] : [escapeIdentifier(schema)];
  if (same.includes(searchPath)) return;
  throw new UnusableServerError(
    `The pooler before Postgres ignores the start-up parameter search_path: the session is in ${searchPath} instead of ${schema}.`,
  );
}
