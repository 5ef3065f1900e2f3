import { setTimeout } from "node:timers/promises";
import { findSchema, withClient } from "@fanfare/postgres";
import { type ConnectionOptions, type Queue, runMigrations, type Worker, withBackend } from "bullmq";
import type { AnyQueueName } from "./catalog.js";
import type { QueueConnection, QueueOptions } from "./connection.js";
import { createQueues } from "./open-queues.js";
import { PatientPool } from "./patient-pool.js";
import { patient } from "./patient-worker.js";
import { postgresBackendIn } from "./postgres-backend.js";
import { queueSchemaOf } from "./queue-schema.js";
import { requireQueueSession } from "./require-session.js";

/** Enough for the queries of a few queues and one `LISTEN` connection a worker. */
const POOL_SIZE = 6;

/** How long a command to a backend that is away may take before it fails, in milliseconds. */
const CONNECT_TIMEOUT_MS = 2_000;

/** How long Postgres may take to say goodbye, in milliseconds. */
const GOODBYE_MS = 2_000;

/** Makes or upgrades BullMQ's tables; resolves with the schema of Fanfare's. @throws Error when the database can not be reached or is newer than this release. */
export async function migratePostgres(databaseUrl: string): Promise<string> {
  return withClient(databaseUrl, "fanfare-migrate-queues", async (client) => {
    const tablesIn = (await findSchema(client)) ?? "public";
    await runMigrations(client, queueSchemaOf(tablesIn));
    return tablesIn;
  });
}

/** Connects to the queues in Postgres. */
export function connectPostgres({ databaseUrl, tablesIn = "public", onError }: QueueOptions): QueueConnection {
  const schema = queueSchemaOf(tablesIn);
  const pool = new PatientPool({
    connectionString: databaseUrl,
    searchPath: schema,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "fanfare-queues",
  });
  pool.on("error", onError);
  const classes = withBackend(postgresBackendIn(schema));
  // BullMQ types a queue, a worker and their connection by their backend; what is used here is the same on both.
  const connection = pool as unknown as ConnectionOptions;
  const PostgresQueue = classes.Queue as unknown as typeof Queue;
  const PostgresWorker = patient(classes.Worker as unknown as typeof Worker);
  // Its beginning waits for a connection in the end: it is not to be begun anew meanwhile.
  const open = (name: AnyQueueName) => new PostgresQueue(name, { connection });
  const queues = createQueues(open, { onError, begun: (opened) => opened.waitUntilReady() });
  return {
    backend: "postgres",
    ...queues,
    worker: (name, processor, workerOptions) => new PostgresWorker(name, processor, { ...workerOptions, connection }),
    async usable() {
      await requireQueueSession(pool, schema);
      await queues.ping();
    },
    giveUp: () => pool.giveUp(),
    async close() {
      pool.giveUp();
      // One that is halted or cut off never says goodbye: its connections are let be then, for they end with the process.
      const late = setTimeout(GOODBYE_MS, undefined, { ref: false });
      await Promise.race([queues.close().then(() => pool.end()), late]);
    },
  };
}
