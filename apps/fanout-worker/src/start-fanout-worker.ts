import { connectDb, pingDb } from "@fanfare/db";
import { connectQueues, consume, createProducer, DELIVERY_QUEUES, type QueueName } from "@fanfare/queues";
import type { Service } from "@fanfare/runtime";
import type { z } from "zod";
import type { configSchema } from "./config.js";
import { startDispatcher } from "./dispatcher.js";
import { createEnqueueDelivery } from "./enqueue-delivery.js";
import { fanOutBatches } from "./fan-out-operation.js";

/** Starts fanning out and dispatching; everything it opens belongs to the service. */
export async function startFanoutWorker(service: Service, config: z.infer<typeof configSchema>) {
  const { log } = service;
  const onError = (err: unknown) => log.error({ err }, "A part of the worker failed and goes on");
  const db = service.own(connectDb(config.DATABASE_URL, { poolSize: config.DATABASE_POOL_SIZE, onError }), (opened) =>
    opened.$disconnect(),
  );
  const queues = service.own(
    connectQueues({ databaseUrl: config.DATABASE_URL, redisUrl: config.REDIS_URL, onError }),
    (opened) => opened.close(),
  );
  const dispatchQueue = (name: QueueName) => ({
    producer: service.own(createProducer(queues, name), (producer) => producer.close()),
    isEmpty: async () => {
      const { waiting, active } = await queues.counts(name);
      return waiting + active === 0;
    },
  });
  const delivery = { FCM: dispatchQueue(DELIVERY_QUEUES.FCM), APN: dispatchQueue(DELIVERY_QUEUES.APN) };
  const producers = { FCM: delivery.FCM.producer, APN: delivery.APN.producer };
  const enqueue = createEnqueueDelivery(producers, onError);
  const consumer = consume(queues, "fanout", (batchIds) => fanOutBatches({ db, enqueue }, batchIds), {
    concurrency: config.FANOUT_CONCURRENCY,
    onError,
  });
  const intervalMs = config.DISPATCH_INTERVAL_MS;
  const dispatcher = startDispatcher({ db, fanOut: dispatchQueue("fanout"), delivery, intervalMs, onError });
  service.onStop(() => consumer.stop());
  service.onStop(() => dispatcher.stop());
  service.readyWhen({ postgres: () => pingDb(db), queue: () => queues.ping() });
  await service.serveHealth(config.HEALTH_PORT, config.HEALTH_HOST);
  return {};
}
