import { setTimeout } from "node:timers/promises";
import { withClient } from "@fanfare/postgres";
import {
  createPostgresBackend,
  type PostgresConnectionOptions,
  type Queue,
  runMigrations,
  type Worker,
  withBackend,
} from "bullmq";
import type { AnyQueueName } from "./catalog.js";
import type { QueueConnection, QueueOptions } from "./connection.js";
import { createQueues } from "./open-queues.js";
import { PatientPool } from "./patient-pool.js";

/** The schema that BullMQ's Postgres backend keeps its tables in. */
const SCHEMA = "bullmq";

/** Enough for the queries of a few queues and one `LISTEN` connection a worker. */
const POOL_SIZE = 6;

/** How long a command to a backend that is away may take before it fails, in milliseconds. */
const CONNECT_TIMEOUT_MS = 2_000;

/** How long Postgres may take to say goodbye, in milliseconds. */
const GOODBYE_MS = 2_000;

/** Makes or upgrades BullMQ's tables. @throws Error when the database can not be reached or is newer than this release. */
export async function migratePostgres(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, "fanfare-migrate-queues", (client) => runMigrations(client, SCHEMA));
}

/** Connects to the queues in Postgres. */
export function connectPostgres({ databaseUrl, onError }: QueueOptions): QueueConnection {
  const pool = new PatientPool({
    connectionString: databaseUrl,
    options: `-c search_path=${SCHEMA}`,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "fanfare-queues",
  });
  pool.on("error", onError);
  // It is what BullMQ asks for; its own declaration of a pool does not hold under exactOptionalPropertyTypes.
  const connection = pool as unknown as PostgresConnectionOptions;
  const { Queue: PostgresQueue, Worker: PostgresWorker } = withBackend(createPostgresBackend);
  // BullMQ types a queue by its backend; what is used here is the same on both.
  // Its beginning waits for a connection in the end: it is not to be begun anew meanwhile.
  const open = (name: AnyQueueName) => new PostgresQueue(name, { connection }) as unknown as Queue;
  const queues = createQueues(open, { onError, begun: (opened) => opened.waitUntilReady() });
  return {
    backend: "postgres",
    ...queues,
    worker: (name, processor, workerOptions) =>
      new PostgresWorker(name, processor, { ...workerOptions, connection }) as unknown as Worker,
    giveUp: () => pool.giveUp(),
    async close() {
      pool.giveUp();
      // One that is halted or cut off never says goodbye: its connections are let be then, for they end with the process.
      const late = setTimeout(GOODBYE_MS, undefined, { ref: false });
      await Promise.race([queues.close().then(() => pool.end()), late]);
    },
  };
}
