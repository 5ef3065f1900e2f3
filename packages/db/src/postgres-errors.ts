import { z } from "zod";

/** What the driver adapter tells of an error: its own kind, and Postgres's SQLSTATE where Postgres said something. */
const adapterErrorSchema = z.object({
  cause: z.object({ kind: z.string(), originalCode: z.string().optional(), code: z.string().optional() }),
});

/** Prisma wraps the adapter's error, unless it comes of the adapter's beginning. */
const detailsSchema = z.union([
  z.object({ meta: z.object({ driverAdapterError: adapterErrorSchema }) }),
  z.object({ name: z.literal("DriverAdapterError"), ...adapterErrorSchema.shape }),
]);

function detailsOf(error: unknown): { kind?: string; sqlState?: string | undefined } {
  const parsed = detailsSchema.safeParse(error);
  if (!parsed.success) return {};
  const { cause } = "meta" in parsed.data ? parsed.data.meta.driverAdapterError : parsed.data;
  return { kind: cause.kind, sqlState: cause.originalCode ?? cause.code };
}

/** Whether a statement was refused because a row with that key exists already (SQLSTATE 23505). */
export function isUniqueViolation(error: unknown): boolean {
  return detailsOf(error).sqlState === "23505";
}

/** Whether a statement names a table that is not there (SQLSTATE 42P01). */
export function isUndefinedTable(error: unknown): boolean {
  const { kind, sqlState } = detailsOf(error);
  return kind === "TableDoesNotExist" || sqlState === "42P01";
}

/**
 * SQLSTATE: class 22 a value that its type can not hold (U+0000 in text, a number out of range), 23 that a constraint
 * refuses, 54 that is over a limit.
 */
const REFUSED_SQLSTATE = /^(22|23|54)/;

/** Whether a statement was refused for what it says: made again as it is, it would be refused again. */
export function isRefusedContent(error: unknown): boolean {
  return REFUSED_SQLSTATE.test(detailsOf(error).sqlState ?? "");
}

/**
 * Whether Postgres rolled the statement back in favour of another one (serialization failure, deadlock): nothing of it
 * was done, and the same statement may succeed when it is made again.
 */
export function isTransactionConflict(error: unknown): boolean {
  return /^(40001|40P01)$/.test(detailsOf(error).sqlState ?? "");
}

/** The driver adapter's kinds for a database that could not be reached in time. */
const UNAVAILABLE_KINDS = new Set([
  ...["DatabaseNotReachable", "ConnectionClosed", "SocketTimeout", "TooManyConnections"],
  // A certificate that has run out, a server that stops while TLS is agreed upon: the connection fails, no statement does.
  "TlsConnectionError",
]);

const UNAVAILABLE_CODES = new Set([
  // Prisma's: https://www.prisma.io/docs/orm/reference/error-reference
  ...["P1001", "P1002", "P1008", "P1017", "P2024", "P2028", "P2037"],
  // Errors of the socket that the driver adapter lets through as they are.
  ...["EPIPE", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN"],
]);

/**
 * SQLSTATE: class 08 connection lost, 40 rolled back for another, 53 out of resources (disk full, too many connections),
 * 57P server stopping, 57014 statement timeout, 55P03 lock timeout, 25P03 idle in a transaction for too long, 25006 only
 * a standby answers, 58030 the disk fails; 28 and 3D000 that a new connection is refused (a password that was changed), while
 * those that are open go on.
 */
const UNAVAILABLE_SQLSTATE = /^(08|28|3D000|40|53|57P|57014|55P03|25P03|25006|58030)/;

// What node-postgres throws when a connection ends under a statement, or none is free in time, has neither kind nor code.
const LOST_CONNECTION =
  /Connection terminated unexpectedly|Client has encountered a connection error|Query read timeout/;
const SILENCE = /Query read timeout|Connection terminated due to connection timeout/;
const NO_CONNECTION =
  /Connection terminated due to connection timeout|timeout exceeded when trying to connect|Unable to start a transaction/;

/**
 * Whether nothing was heard of the database for as long as one waits for it, by what node-postgres says: it is halted or
 * cut off, and whoever asks now will wait as long.
 */
export function isSilence(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return SILENCE.test(error.message) || isSilence(error.cause);
}

/** Whether the database could not be reached, or could not take the statement at the moment. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { kind = "", sqlState = "" } = detailsOf(error);
  const code = "code" in error ? String(error.code) : "";
  return (
    UNAVAILABLE_CODES.has(code) ||
    UNAVAILABLE_KINDS.has(kind) ||
    UNAVAILABLE_SQLSTATE.test(sqlState) ||
    LOST_CONNECTION.test(error.message) ||
    NO_CONNECTION.test(error.message)
  );
}

/** SQLSTATE: a connection is refused, lost or ended because of the server, not because of what is asked. */
const UNREACHABLE_SQLSTATE = /^(08|57P)/;

/**
 * What an error is where the database could not be reached, for logs that tell the same trouble once: the same whichever way an
 * outage shows itself, and not what a Redis that is away is. `undefined` for everything else, a full disk or a statement that took too long among it.
 */
export function databaseKind(error: unknown): "database unreachable" | undefined {
  const { sqlState } = detailsOf(error);
  const isOther = sqlState !== undefined && !UNREACHABLE_SQLSTATE.test(sqlState);
  return isDatabaseUnavailable(error) && !isOther ? "database unreachable" : undefined;
}

/**
 * What a failure says of its statement: made again as it is, it may succeed (`transient`); a row of it is there already, which
 * may be its own from a try whose answer was lost (`recorded`); the database refuses what it says (`refused`); or it fails for
 * another reason that does not go away by itself (`permanent`).
 */
export type StatementFailure = "transient" | "recorded" | "refused" | "permanent";

/** See {@link StatementFailure}. */
export function failureOf(error: unknown): StatementFailure {
  if (isDatabaseUnavailable(error)) return "transient";
  if (isUniqueViolation(error)) return "recorded";
  return isRefusedContent(error) ? "refused" : "permanent";
}

/** The kinds of a connection that was lost when it had been made. */
const LOST_KINDS = new Set(["ConnectionClosed", "SocketTimeout"]);
const LOST_CODES = new Set(["P1017", "EPIPE"]);

/**
 * SQLSTATE of a connection's end: class 08, the server stops or crashes, or an administrator ends the connection. Postgres
 * may say these after it has committed.
 */
const LOST_SQLSTATE = /^(08|57P01|57P02|57P04|57P05)/;

/**
 * Whether the connection was lost while the statement was under way: it may have been committed, or be committed yet. With
 * every other error a single statement was rolled back, or never reached Postgres.
 */
export function mayBeCommitted(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { kind = "", sqlState } = detailsOf(error);
  if (sqlState !== undefined) return LOST_SQLSTATE.test(sqlState);
  const code = "code" in error ? String(error.code) : "";
  return LOST_KINDS.has(kind) || LOST_CODES.has(code) || LOST_CONNECTION.test(error.message);
}
