import { hostname } from "node:os";
import { connectDb, createProviderStore, pingDb } from "@fanfare/db";
import { createDeliverer, createSessionPool, openNodeHttp2Session } from "@fanfare/delivery";
import { DEFAULT_RETRY_POLICY } from "@fanfare/domain";
import { connectQueues, consume, DELIVERY_QUEUES } from "@fanfare/queues";
import { readFileOrValue, type Service } from "@fanfare/runtime";
import type { z } from "zod";
import type { configSchema } from "./config.js";
import { createFcmAccessToken } from "./fcm-access-token.js";
import { createFcmClient } from "./fcm-client.js";
import { parseServiceAccount } from "./service-account.js";

/** Starts delivering through FCM; everything it opens belongs to the service. */
export async function startFcmWorker(service: Service, config: z.infer<typeof configSchema>) {
  const { log } = service;
  const onError = (err: unknown) => log.error({ err }, "A part of the worker failed and goes on");
  const ca = config.PROVIDER_CA_FILE && readFileOrValue(config.PROVIDER_CA_FILE, () => false);
  const serviceAccount = parseServiceAccount(
    readFileOrValue(config.FCM_SERVICE_ACCOUNT, (value) => value.trimStart().startsWith("{")),
  );
  const db = service.own(connectDb(config.DATABASE_URL, { poolSize: config.DATABASE_POOL_SIZE, onError }), (opened) =>
    opened.$disconnect(),
  );
  const queues = service.own(
    connectQueues({ databaseUrl: config.DATABASE_URL, redisUrl: config.REDIS_URL, onError }),
    (opened) => opened.close(),
  );
  const { FCM_BASE_URL: origin, FCM_SESSIONS: maxSessions, REQUEST_TIMEOUT_MS: requestTimeoutMs } = config;
  const sender = createSessionPool({
    open: (events) => openNodeHttp2Session({ origin, ca, requestTimeoutMs }, events),
    maxSessions,
    onConnectError: onError,
  });
  const accessToken = createFcmAccessToken({ serviceAccount, ca, onError });
  const client = service.own(createFcmClient({ projectId: serviceAccount.project_id, accessToken, sender }), (opened) =>
    opened.close(),
  );
  const leaseMs = config.LEASE_MS;
  const store = createProviderStore(db, { provider: "FCM", holder: `${hostname()}:${process.pid}`, leaseMs });
  const deliverer = service.own(
    createDeliverer({ store, client, retryPolicy: DEFAULT_RETRY_POLICY, leaseMs, onError }),
    (opened) => opened.close(),
  );
  const consumer = consume(queues, DELIVERY_QUEUES.FCM, (batchIds) => deliverer.deliver(batchIds, service.signal), {
    concurrency: config.DELIVERY_CONCURRENCY,
    onError,
  });
  service.onStop(() => consumer.stop());
  service.readyWhen({ postgres: () => pingDb(db), queue: () => queues.ping() });
  await service.serveHealth(config.HEALTH_PORT, config.HEALTH_HOST);
  return {};
}
