import type { Provider } from "@fanfare/domain";
import { z } from "zod";

/** The queues, each with one kind of job. */
export const QUEUE_NAMES = ["fanout", "deliver-fcm", "deliver-apn", "verify-fcm", "verify-apn"] as const;
/** See {@link QUEUE_NAMES}. */
export type QueueName = (typeof QUEUE_NAMES)[number];

/** The queue of a provider's delivery batches. */
export const DELIVERY_QUEUES = { FCM: "deliver-fcm", APN: "deliver-apn" } as const satisfies Record<
  Provider,
  QueueName
>;

/** The queue of a provider's credential checks. */
export const CHECK_QUEUES = { FCM: "verify-fcm", APN: "verify-apn" } as const satisfies Record<Provider, QueueName>;

/** The queues whose jobs carry batches. */
export type BatchQueueName = Exclude<QueueName, (typeof CHECK_QUEUES)[Provider]>;

/** Batches that one job carries at most. */
export const BATCHES_PER_JOB_MAX = 500;

/**
 * What a job of the other queues carries: ids of recipient batches (`fanout`) or of delivery batches, nothing else. Content and tokens
 * stay in Postgres, so that a queue can be lost, and nobody who sees it learns a token.
 *
 * Jobs of the previous and of the next release are in flight beside this one's: a field added later is optional, one that is not
 * known is ignored, and another form gets another `v`.
 */
export const jobSchema = z.object({
  v: z.literal(1),
  batchIds: z.array(z.guid()).min(1).max(BATCHES_PER_JOB_MAX),
});
/** See {@link jobSchema}. */
export type Job = z.infer<typeof jobSchema>;

/** What a job of a check queue carries: the id of the check. */
export const checkJobSchema = z.object({ v: z.literal(1), checkId: z.guid() });
/** See {@link checkJobSchema}. */
export type CheckJob = z.infer<typeof checkJobSchema>;

/**
 * A job that is never due, and adds nothing if it were: while it lies in a queue, the queue was not lost. A mark beside the
 * jobs, such as a field of the queue's, could outlive them.
 */
export const MARK = {
  jobId: "mark",
  data: { v: 1, batchIds: ["00000000-0000-0000-0000-000000000000"] } satisfies Job,
  options: { jobId: "mark", delay: 365 * 86_400_000, attempts: 1 },
} as const;

/** A queue that nobody consumes, and its one job: whether jobs can be added is found out by adding it. Bull Board does not show it. */
export const READINESS = {
  queue: "readiness",
  job: { name: "ready", data: {}, opts: { jobId: "ready" } },
} as const;
/** Every queue that there is. */
export type AnyQueueName = QueueName | typeof READINESS.queue;

/** How long finished jobs stay for Bull Board: by age in seconds and by number, whichever is less. */
export const RETENTION = {
  completed: { age: 3_600, count: 500 },
  failed: { age: 7 * 86_400, count: 1_000 },
} as const;

/** BullMQ's lowest priority. */
const PRIORITY_MAX = 2 ** 21 - 1;

/**
 * A job's priority, from how deep into its operation it begins; 0 goes first. So a small send waits for the jobs in
 * flight and not for a large one, and of two large ones the one that has sent less goes first:
 *
 *     recipients 1–500: 0    501–1,000: 1    …    999,501–1,000,000: 1,999
 */
export function priorityForDepth(firstOrdinal: number): number {
  return Math.min(Math.floor((firstOrdinal - 1) / 500), PRIORITY_MAX);
}
