import { pingDb } from "@fanfare/db";
import type { Consumer, QueueName } from "@fanfare/queues";
import type { Service } from "@fanfare/runtime";
import type { StoreConfig, Stores } from "./open-stores.js";

/** The queue that a worker is there for, who consumes it, and what of it is done. */
interface Work {
  queue: QueueName;
  consumer: Consumer;
  /** Parts of jobs that were finished so far: one that takes long moves, though it is not done. */
  parts(): number;
}

/** Has readiness and health say whether a worker takes its work, and gets on with it. */
export function watchWork(service: Service, config: StoreConfig, { db, queues }: Stores, work: Work): void {
  const { queue, consumer, parts } = work;
  service.watchProgress({
    stalledAfterMs: config.STALLED_AFTER_SECONDS * 1_000,
    untouchedAfterMs: config.UNTOUCHED_AFTER_SECONDS * 1_000,
    waiting: async () => {
      await pingDb(db);
      return queues.waiting(queue);
    },
    finished: () => consumer.finished() + parts(),
    begun: consumer.begun,
    free: consumer.free,
  });
}
