import { isDatabaseUnavailable } from "@fanfare/db";
import { AppError } from "@fanfare/domain";

/** What a caller is told when the database is away and it is certain that nothing was stored. */
export function databaseUnavailable(cause: unknown): AppError {
  return new AppError("unavailable", "The database can not be reached, or not in time; nothing was stored.", { cause });
}

/**
 * Reads for a request that has not begun to store anything: whichever way the database fails then, the caller can be told
 * for certain that nothing was stored.
 */
export async function beforeStoring<Found>(read: () => Promise<Found>): Promise<Found> {
  try {
    return await read();
  } catch (cause) {
    throw isDatabaseUnavailable(cause) ? databaseUnavailable(cause) : cause;
  }
}
