import { PROVIDERS, type Provider, perProvider } from "@fanfare/domain";
import type { z } from "zod";
import { batchJobSchema, checkJobSchema } from "./jobs.js";
import { priorityForDepth } from "./priority-for-depth.js";

/** Jobs that stay for Bull Board: by age in seconds and by number, whichever is less. */
interface Kept {
  age: number;
  count: number;
}

/** What there is to say of a queue. */
interface QueueRow {
  /** What its jobs carry; parsed before one is added and before one is worked on. */
  schema: z.ZodType<{ v: number }>;
  /** How long its finished jobs stay. */
  retention: { completed: Kept; failed: Kept };
  /** The priority of a job that begins so deep in its operation, in recipients from 1; 0 goes first. */
  priorityOf(depth: number): number;
}

const RETENTION = {
  completed: { age: 3_600, count: 500 },
  failed: { age: 7 * 86_400, count: 1_000 },
};

const BATCHES = { schema: batchJobSchema, retention: RETENTION, priorityOf: priorityForDepth };
const CHECKS = { schema: checkJobSchema, retention: RETENTION, priorityOf: () => 0 };

/** Every queue that carries work; whatever there is to say of one is in its row. */
export const QUEUES = {
  fanout: BATCHES,
  ...ofEachProvider("deliver", BATCHES),
  ...ofEachProvider("verify", CHECKS),
} as const satisfies Record<string, QueueRow>;

/** See {@link QUEUES}. */
export type QueueName = keyof typeof QUEUES;
/** See {@link QUEUES}, in the order in which Bull Board shows them. */
export const QUEUE_NAMES = Object.keys(QUEUES) as readonly QueueName[];

/** What a job of a queue carries. */
export type JobOf<Name extends QueueName> = z.infer<(typeof QUEUES)[Name]["schema"]>;

/** The queues whose jobs carry batches. */
export type BatchQueueName = {
  [Name in QueueName]: (typeof QUEUES)[Name] extends typeof BATCHES ? Name : never;
}[QueueName];

/** The queue of a provider's delivery batches. */
export const DELIVERY_QUEUES = perProvider((provider) => nameOf("deliver", provider));

/** The queue of a provider's credential checks. */
export const CHECK_QUEUES = perProvider((provider) => nameOf("verify", provider));

/** What the jobs of a queue are parsed with. */
export const schemaOf = <Name extends QueueName>(name: Name) =>
  QUEUES[name].schema as z.ZodType as z.ZodType<JobOf<Name>>;

/** What BullMQ is told of a job that begins so deep in its operation. It tries none again: what is due is known to Postgres alone. */
export function jobOptions(name: QueueName, depth: number) {
  const { retention, priorityOf } = QUEUES[name];
  const { completed: removeOnComplete, failed: removeOnFail } = retention;
  return { priority: priorityOf(depth), attempts: 1, removeOnComplete, removeOnFail };
}

/**
 * A job that is never due, and adds nothing if it were: while it lies in a queue, the queue was not lost. A mark beside the
 * jobs, such as a field of the queue's, could outlive them.
 */
export const MARK = {
  jobId: "mark",
  data: { v: 1, batchIds: ["00000000-0000-0000-0000-000000000000"] } satisfies JobOf<BatchQueueName>,
  options: { jobId: "mark", delay: 365 * 86_400_000, attempts: 1 },
} as const;

/** A queue that nobody consumes, and its one job: whether jobs can be added is found out by adding it. Bull Board does not show it. */
export const READINESS = {
  queue: "readiness",
  job: { name: "ready", data: {}, opts: { jobId: "ready" } },
} as const;
/** Every queue that there is. */
export type AnyQueueName = QueueName | typeof READINESS.queue;

type NameOf<Work extends string, Of extends Provider = Provider> = `${Work}-${Lowercase<Of>}`;

function nameOf<Work extends string>(work: Work, provider: Provider): NameOf<Work> {
  return `${work}-${provider.toLowerCase() as Lowercase<Provider>}`;
}

function ofEachProvider<Work extends string, Row>(work: Work, row: Row): Record<NameOf<Work>, Row> {
  return Object.fromEntries(PROVIDERS.map((provider) => [nameOf(work, provider), row])) as Record<NameOf<Work>, Row>;
}
