import {
  connectDb,
  createWriteProbe,
  databaseKind,
  disconnectDb,
  isDatabaseUnavailable,
  isNotAtHand,
  pingDb,
  pingDbAnew,
  requireMigrated,
  returnDeliveryBatches,
} from "@fanfare/db";
import {
  type BatchQueueName,
  connectQueues,
  consume,
  createProducer,
  DELIVERY_QUEUES,
  isQueueAway,
  queueKind,
  redisPlace,
  tellQueueError,
} from "@fanfare/queues";
import { createErrorBrake, type Service } from "@fanfare/runtime";
import { createRenderer } from "@fanfare/templates";
import type { z } from "zod";
import type { configSchema } from "./config.js";
import { startDispatcher } from "./dispatcher.js";
import { createEnqueueDelivery } from "./enqueue-delivery.js";
import { createFanOut } from "./fan-out-batches.js";
import { startRetention } from "./retention.js";

/** Starts fanning out and dispatching; everything it opens belongs to the service. */
export async function startFanoutWorker(service: Service, config: z.infer<typeof configSchema>) {
  const kindOf = (err: unknown) => databaseKind(err) ?? queueKind(err);
  const brake = service.own(createErrorBrake(service.log, { kindOf }), (opened) => opened.close());
  const onQueueError = tellQueueError(brake);
  const onError = (err: unknown) => {
    if (isDatabaseUnavailable(err)) brake.warn({ err }, "Postgres can not be reached or does not answer");
    else if (queueKind(err)) onQueueError(err);
    else brake.error({ err }, "A part of the worker failed and goes on");
  };
  const db = service.own(
    connectDb(config.DATABASE_URL, { poolSize: config.DATABASE_POOL_SIZE, onError }),
    disconnectDb,
  );
  const probe = service.own(createWriteProbe(config.DATABASE_URL), (opened) => opened.close());
  service.readyWhen({ postgres: () => probe.write() });
  await service.serveHealth(config.HEALTH_PORT, config.HEALTH_HOST, config.READINESS_DETAIL);
  const tablesIn = await service.waitFor("Postgres", () => requireMigrated(db, config.DATABASE_URL), isNotAtHand);
  const queues = service.own(
    connectQueues({ databaseUrl: config.DATABASE_URL, tablesIn, redis: redisPlace(config), onError: onQueueError }),
    (opened) => opened.close(),
  );
  service.readyWhen({ queue: () => queues.ping() });
  await service.waitFor("the queue", () => queues.usable(), isQueueAway);
  const jobsMax = config.QUEUE_JOBS_MAX;
  const dispatchQueue = (name: BatchQueueName) => ({
    producer: service.own(createProducer(queues, name, { jobsMax }), (producer) => producer.close()),
    counts: () => queues.counts(name),
    isMarked: () => queues.isMarked(name),
    mark: () => queues.mark(name),
  });
  const delivery = { FCM: dispatchQueue(DELIVERY_QUEUES.FCM), APN: dispatchQueue(DELIVERY_QUEUES.APN) };
  const producers = { FCM: delivery.FCM.producer, APN: delivery.APN.producer };
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
  const consumer = consume(queues, "fanout", fanOut, {
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
  const needs = { ping: () => pingDbAnew(config.DATABASE_URL) };
  service.onStop(() => retention.stop(), needs);
  service.onStop(() => consumer.stop(), needs);
  service.onStop(() => dispatcher.stop(), needs);
  service.watchProgress({
    stalledAfterMs: config.STALLED_AFTER_SECONDS * 1_000,
    untouchedAfterMs: config.UNTOUCHED_AFTER_SECONDS * 1_000,
    waiting: async () => {
      await pingDb(db);
      return queues.waiting("fanout");
    },
    // What a batch of many slow lines is made of moves, though the batch is not done.
    finished: () => consumer.finished() + prepared,
    begun: consumer.begun,
    free: consumer.free,
  });
  const queue = redisPlace(config) ? "redis" : "postgres";
  service.log.info({ concurrency: config.FANOUT_CONCURRENCY, queue }, "Fans out with these settings");
  return {};
}
