import type { Db } from "@fanfare/db";

/** What the routes work with. */
export interface ApiContext {
  db: Db;
  account: { id: string; uuid: string };
  /** Enqueues the fan-out of a batch; never throws and waits for nothing: the dispatcher mends what it could not do. */
  enqueueFanOut(batch: { id: string; recipients: number; firstOrdinal: number }): void;
  /** Scheme and authority under which callers reach the API; absent: taken from each request. */
  publicUrl?: string | undefined;
}
