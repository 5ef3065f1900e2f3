import type { Queue } from "bullmq";
import { type AnyQueueName, type BatchQueueName, MARK, type QueueName, READINESS } from "./catalog.js";
import type { JobCounts } from "./connection.js";
import { within } from "./within.js";

/** How long a question may go without an answer, in milliseconds: whoever asks does it again later. */
const ANSWER_TIMEOUT_MS = 3_000;

/** Settles as the question does, or rejects when it is not answered in time. */
export const answered = <Answer>(asked: Promise<Answer>) =>
  within(asked, ANSWER_TIMEOUT_MS, `The queue did not answer within ${ANSWER_TIMEOUT_MS} ms.`);

/** What {@link createQueues} is told, and asks. */
export interface QueuesOptions {
  onError: (error: Error) => void;
  /** Rejects when a queue that was opened will never be usable. */
  begun: (opened: Queue) => Promise<unknown>;
}

/** The queues of a connection, each opened when it is first asked for. */
export function createQueues(open: (name: AnyQueueName) => Queue, { onError, begun }: QueuesOptions) {
  const queues = new Map<AnyQueueName, Queue>();
  const queue = (name: AnyQueueName) => {
    let opened = queues.get(name);
    if (!opened) {
      opened = open(name);
      opened.on("error", onError);
      queues.set(name, opened);
      dropUnlessBegun(name, opened);
    }
    return opened;
  };
  /**
   * One whose beginning failed remembers that for ever; why, is told to those who ask something of it. Closed, it listens no more
   * to the connection that all share.
   */
  const dropUnlessBegun = (name: AnyQueueName, opened: Queue) =>
    void begun(opened)
      .catch(() => {
        queues.delete(name);
        return opened.close();
      })
      .catch(onError);
  const counts = async (name: QueueName): Promise<JobCounts> => {
    const {
      waiting = 0,
      prioritized = 0,
      active = 0,
    } = await answered(queue(name).getJobCounts("waiting", "prioritized", "active"));
    return { waiting: waiting + prioritized, active };
  };
  const ping = () => answered(addAnew(queue(READINESS.queue)));
  return {
    queue,
    ping,
    counts,
    async waiting(name: QueueName): Promise<number> {
      const { waiting } = await counts(name);
      // BullMQ counts a paused queue's jobs as waiting when they have a priority, and as paused when they have none.
      return waiting > 0 && (await answered(queue(name).isPaused())) ? 0 : waiting;
    },
    isMarked: async (name: BatchQueueName) => (await answered(queue(name).getJob(MARK.jobId))) !== undefined,
    mark: async (name: BatchQueueName) => void (await answered(queue(name).add(MARK.jobId, MARK.data, MARK.options))),
    async close() {
      await Promise.all([...queues.values()].map((opened) => opened.close()));
    },
  };
}

// A job whose id is there is not added again.
async function addAnew(readiness: Queue): Promise<void> {
  const { name, data, opts } = READINESS.job;
  await readiness.remove(opts.jobId);
  await readiness.add(name, data, opts);
}
