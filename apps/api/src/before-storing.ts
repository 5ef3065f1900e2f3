import { isDatabaseUnavailable } from "@fanfare/db";
import { AppError } from "@fanfare/domain";
import { isRead } from "./is-read.js";

/** What a caller is told when the database is away and it is certain that nothing was stored. */
export function databaseUnavailable(cause: unknown, method: string): AppError {
  const outcome = isRead(method) ? "" : "; nothing was stored";
  return new AppError("unavailable", `The database can not be reached, or not in time${outcome}.`, { cause });
}

/**
 * Reads for a request that has not begun to store anything: whichever way the database fails then, the caller can be told
 * for certain that nothing was stored.
 */
export async function beforeStoring<Found>(method: string, read: () => Promise<Found>): Promise<Found> {
  try {
    return await read();
  } catch (cause) {
    throw isDatabaseUnavailable(cause) ? databaseUnavailable(cause, method) : cause;
  }
}
