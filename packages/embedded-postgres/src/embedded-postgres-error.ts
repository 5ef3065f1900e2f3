/** Says in a sentence why the embedded Postgres does not start, and what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name: string = "EmbeddedPostgresError";
  readonly forOperator = true;
}
