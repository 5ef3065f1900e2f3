import { returnDeliveryBatches } from "@fanfare/db";
import { perProvider } from "@fanfare/domain";
import { type BatchQueueName, consume, createProducer, DELIVERY_QUEUES } from "@fanfare/queues";
import type { Service } from "@fanfare/runtime";
import { openStores, watchWork } from "@fanfare/stores";
import { createRenderer } from "@fanfare/templates";
import type { z } from "zod";
import type { configSchema } from "./config.js";
import { startDispatcher } from "./dispatcher.js";
import { createEnqueueDelivery } from "./enqueue-delivery.js";
import { createFanOut } from "./fan-out-batches.js";
import { startRetention } from "./retention.js";

/** Starts fanning out and dispatching; everything it opens belongs to the service. */
export async function startFanoutWorker(service: Service, config: z.infer<typeof configSchema>) {
  const stores = await openStores(service, config);
  const { db, queues, brake, ping, onError, onQueueError } = stores;
  const jobsMax = config.QUEUE_JOBS_MAX;
  const dispatchQueue = (name: BatchQueueName) => ({
    producer: service.own(createProducer(queues, name, { jobsMax }), (producer) => producer.close()),
    counts: () => queues.counts(name),
    isMarked: () => queues.isMarked(name),
    mark: () => queues.mark(name),
  });
  const delivery = perProvider((provider) => dispatchQueue(DELIVERY_QUEUES[provider]));
  const producers = perProvider((provider) => delivery[provider].producer);
  const enqueue = createEnqueueDelivery(producers, {
    onLeft: (left) => returnDeliveryBatches(db, left),
    onError: onQueueError,
  });
  const renderer = createRenderer();
  const { stopping } = service;
  let prepared = 0;
  const fanOut = createFanOut({
    ...{ db, renderer, enqueue, holdMs: config.LEASE_MS, log: brake, onError, stopping },
    onPrepared: () => prepared++,
  });
  const consumer = consume(queues, "fanout", ({ batchIds }) => fanOut(batchIds), {
    concurrency: config.FANOUT_CONCURRENCY,
    onError,
    onBroken: service.fail,
  });
  const intervalMs = config.DISPATCH_INTERVAL_MS;
  const dispatcher = startDispatcher({
    db,
    fanOut: dispatchQueue("fanout"),
    delivery,
    intervalMs,
    log: brake,
    onError,
  });
  const retention = startRetention({ db, retentionDays: config.RETENTION_DAYS, onError });
  service.onStop(() => retention.stop(), { ping });
  service.onStop(() => consumer.stop(), { ping });
  service.onStop(() => dispatcher.stop(), { ping });
  // What a batch of many slow lines is made of moves, though the batch is not done.
  watchWork(service, config, stores, { queue: "fanout", consumer, parts: () => prepared });
  service.log.info({ concurrency: config.FANOUT_CONCURRENCY, queue: queues.backend }, "Fans out with these settings");
  return {};
}
