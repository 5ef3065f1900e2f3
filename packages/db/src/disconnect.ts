import { setTimeout } from "node:timers/promises";
import type { Db } from "./connect.js";

/** How long Postgres may take to say goodbye, in milliseconds. */
const GOODBYE_MS = 2_000;

/**
 * Closes a pool. A Postgres that is halted or cut off never says goodbye: the connections are let be then, for they end with
 * the process, and whoever stops is not held up.
 */
export const disconnectDb = (db: Db): Promise<void> => unlessSilent(db.$disconnect());

/** Resolves with a goodbye, or without it after so many milliseconds. */
export async function unlessSilent(goodbye: Promise<void>, goodbyeMs = GOODBYE_MS): Promise<void> {
  await Promise.race([goodbye, setTimeout(goodbyeMs, undefined, { ref: false })]);
}
