import { z } from "zod";

/** What the driver adapter tells of an error: its own kind, and Postgres's SQLSTATE where Postgres said something. */
const detailsSchema = z.object({
  meta: z.object({
    driverAdapterError: z.object({
      cause: z.object({ kind: z.string(), originalCode: z.string().optional(), code: z.string().optional() }),
    }),
  }),
});

function detailsOf(error: unknown): { kind?: string; sqlState?: string | undefined } {
  const parsed = detailsSchema.safeParse(error);
  if (!parsed.success) return {};
  const { kind, originalCode, code } = parsed.data.meta.driverAdapterError.cause;
  return { kind, sqlState: originalCode ?? code };
}

/** Whether a statement was refused because a row with that key exists already (SQLSTATE 23505). */
export function isUniqueViolation(error: unknown): boolean {
  return detailsOf(error).sqlState === "23505";
}

/** The driver adapter's kinds for a database that could not be reached in time. */
const UNAVAILABLE_KINDS = new Set(["DatabaseNotReachable", "ConnectionClosed", "SocketTimeout", "TooManyConnections"]);

/** Prisma's codes for the same: https://www.prisma.io/docs/orm/reference/error-reference */
const UNAVAILABLE_CODES = new Set(["P1001", "P1002", "P1008", "P1017", "P2024", "P2037"]);

/** SQLSTATE: class 08 connection lost, 53 out of resources (disk full, too many connections), 57P server stopping. */
const UNAVAILABLE_SQLSTATE = /^(08|53|57P)/;

// What node-postgres throws when a connection ends under a statement, or none is free in time, has neither kind nor code.
const LOST_CONNECTION =
  /Connection terminated (unexpectedly|due to connection timeout)|timeout exceeded when trying to connect|Client has encountered a connection error/;

/** Whether the database could not be reached, or could not take the statement at the moment. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { kind = "", sqlState = "" } = detailsOf(error);
  const code = "code" in error ? String(error.code) : "";
  return (
    UNAVAILABLE_CODES.has(code) ||
    UNAVAILABLE_KINDS.has(kind) ||
    UNAVAILABLE_SQLSTATE.test(sqlState) ||
    LOST_CONNECTION.test(error.message)
  );
}
