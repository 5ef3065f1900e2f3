import type { Db } from "@fanfare/db";
import { Redis } from "ioredis";

/** A table, as Postgres's own statistics have it. */
export interface TableSize {
  table: string;
  rows: number;
  deadRows: number;
  megabytes: number;
}

/** The tables that a send writes to, the largest first. */
export async function tableSizes(db: Db): Promise<TableSize[]> {
  return db.$queryRaw<TableSize[]>`
    select schemaname || '.' || relname as "table", n_live_tup::int as rows, n_dead_tup::int as "deadRows",
      round(pg_total_relation_size(relid) / 1048576.0, 1)::float as megabytes
    from pg_stat_user_tables where n_tup_ins > 100 order by pg_total_relation_size(relid) desc`;
}

/** What is left in the queues: keys of Redis, or rows of BullMQ's tables. */
export async function queueEntries(db: Db, redisUrl: string | undefined): Promise<number> {
  if (redisUrl) {
    const redis = new Redis(redisUrl);
    const keys = await redis.dbsize();
    redis.disconnect();
    return keys;
  }
  const [counted] = await db.$queryRaw<{ jobs: number }[]>`select count(*)::int as jobs from bullmq.job`;
  return counted?.jobs ?? 0;
}
