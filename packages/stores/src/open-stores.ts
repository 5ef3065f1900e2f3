import {
  connectDb,
  createWriteProbe,
  type Db,
  disconnectDb,
  isNotAtHand,
  pingDbAnew,
  requireMigrated,
} from "@fanfare/db";
import { connectQueues, isQueueAway, type QueueConnection, redisPlace } from "@fanfare/queues";
import type { healthSettings, Service, storeSettings } from "@fanfare/runtime";
import type { z } from "zod";
import { createStoreErrors, type StoreErrors } from "./store-errors.js";

/** The settings that stores are opened with. */
export type StoreConfig = z.infer<z.ZodObject<typeof storeSettings>> & z.infer<z.ZodObject<typeof healthSettings>>;

/** What a worker works on. */
export interface Stores extends StoreErrors {
  db: Db;
  queues: QueueConnection;
  /** Asks whether Postgres still answers, on a connection of its own: a stop does not wait for one that says nothing. */
  ping(this: void): Promise<unknown>;
}

/**
 * Opens what a worker works on, which belongs to the service, and serves its health. Resolves when both stores are at hand, however
 * long that takes; from then on readiness tells whether they are.
 */
export async function openStores(service: Service, config: StoreConfig): Promise<Stores> {
  const errors = createStoreErrors(service, "A part of the worker failed and goes on");
  const { onError, onQueueError } = errors;
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
  return { ...errors, db, queues, ping: () => pingDbAnew(config.DATABASE_URL) };
}
