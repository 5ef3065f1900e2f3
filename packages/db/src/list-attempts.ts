import type { Db } from "./connect.js";
import type { Attempt } from "./generated/prisma/client.js";

/** An attempt as stored. */
export type StoredAttempt = Attempt;

/** The attempts of a notification, in their order. */
export async function listAttempts(db: Db, operationId: string, ordinal: number): Promise<StoredAttempt[]> {
  return db.attempt.findMany({ where: { operationId, ordinal }, orderBy: { number: "asc" } });
}
