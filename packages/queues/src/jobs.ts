import { z } from "zod";

// Jobs of the previous and of the next release are in flight beside this one's: a field added later is optional, one that is not
// known is ignored, and another form gets another `v`.

/** Batches that one job carries at most. */
export const BATCHES_PER_JOB_MAX = 500;

/**
 * Ids of recipient batches or of delivery batches, nothing else. Content and tokens stay in Postgres, so that a queue can be lost,
 * and nobody who sees it learns a token.
 */
export const batchJobSchema = z.object({
  v: z.literal(1),
  batchIds: z.array(z.guid()).min(1).max(BATCHES_PER_JOB_MAX),
});

/** The id of a check of a credential. */
export const checkJobSchema = z.object({ v: z.literal(1), checkId: z.guid() });
