import { type JobOf, jobOptions, type QueueName, schemaOf } from "./catalog.js";
import type { QueueConnection } from "./connection.js";
import type { ProducerOptions } from "./produce.js";
import { QueueFullError } from "./queue-room.js";
import { takenInTime } from "./taken-in-time.js";

/**
 * Enqueues one job, which is at the beginning of what it belongs to. Rejects when the queue does not take it in time, and with a
 * {@link QueueFullError} when too many wait already. For batches see `createProducer`.
 */
export async function enqueue<Name extends QueueName>(
  connection: QueueConnection,
  queueName: Name,
  job: JobOf<Name>,
  { jobsMax }: ProducerOptions,
): Promise<void> {
  if ((await connection.counts(queueName)).waiting >= jobsMax) {
    throw new QueueFullError(`${jobsMax} jobs wait in the queue ${queueName} already.`);
  }
  const data = schemaOf(queueName).parse(job);
  await takenInTime(connection.queue(queueName).add(queueName, data, jobOptions(queueName, 1)));
}
