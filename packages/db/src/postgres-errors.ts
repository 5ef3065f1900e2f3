import { Prisma } from "./generated/prisma/client.js";

/** Whether a statement was refused because a row with that key exists already (SQLSTATE 23505). */
export function isUniqueViolation(error: unknown): boolean {
  return (
    error instanceof Prisma.PrismaClientKnownRequestError &&
    (error.code === "P2002" || JSON.stringify(error.meta ?? {}).includes('"23505"'))
  );
}

/** Prisma's codes for a database that could not be reached in time: P1001, P1002, P1008, P1017, P2024. */
const UNAVAILABLE_CODES = new Set(["P1001", "P1002", "P1008", "P1017", "P2024"]);

/** Codes of Node's sockets, and SQLSTATEs of a server that is starting, stopping or full. */
const UNAVAILABLE_CAUSES =
  /"(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|57P01|57P02|57P03|53300|53100|08000|08001|08003|08006)"/;

/** Whether the database could not be reached, or could not take the statement at the moment. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  const known = JSON.stringify({ code, meta: "meta" in error ? error.meta : undefined, cause: error.cause });
  return UNAVAILABLE_CODES.has(code) || UNAVAILABLE_CAUSES.test(known);
}
