import { hostname } from "node:os";
import {
  connectDb,
  createProviderStore,
  createWriteProbe,
  databaseKind,
  disconnectDb,
  findCheckedCredential,
  forgetSuspectedTokens,
  isDatabaseUnavailable,
  isNotAtHand,
  loadCredential,
  logCompleted,
  pingDb,
  pingDbAnew,
  recordCredentialCheck,
  requireMigrated,
} from "@fanfare/db";
import {
  createClientRegistry,
  createCredentialWatch,
  createDeliverer,
  guardClient,
  type LoadedCredential,
  logConvicted,
  logLostLease,
  logNoCredential,
  logVerification,
  SESSION_OPENERS,
  verifyUsable,
} from "@fanfare/delivery";
import { type CredentialRef, DEFAULT_RETRY_POLICY } from "@fanfare/domain";
import {
  connectQueues,
  consume,
  consumeChecks,
  DELIVERY_QUEUES,
  isQueueAway,
  queueKind,
  redisPlace,
  tellQueueError,
} from "@fanfare/queues";
import { createErrorBrake, readMasterKeys, type Service } from "@fanfare/runtime";
import type { z } from "zod";
import { createApnsClient } from "./apns-client.js";
import { type ApnsConnections, createApnsConnections } from "./apns-connections.js";
import type { configSchema } from "./config.js";
import { verifyApnsCredential } from "./verify-apns-credential.js";

/** Starts delivering through APNs; everything it opens belongs to the service. */
export async function startApnsWorker(service: Service, config: z.infer<typeof configSchema>) {
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
  const credentialGiveUpMs = config.CREDENTIAL_GIVE_UP_HOURS * 3_600_000;
  const retryPolicy = { ...DEFAULT_RETRY_POLICY, credentialGiveUpMs };
  // A little later: what made the suspicion is still being recorded.
  const keepTokens = (credential: CredentialRef) =>
    void setTimeout(() => forgetSuspectedTokens(db, credential).catch(onError), 2_000).unref();
  const watch = createCredentialWatch(brake, keepTokens);
  service.readyWhen({ credentials: async () => watch.describe() });
  const load = async (id: string) => loadCredential(db, readMasterKeys(config), id);
  const connections = service.own(
    createApnsConnections({
      origins: { APN: config.APNS_BASE_URL, APN_SANDBOX: config.APNS_SANDBOX_URL },
      ca: config.PROVIDER_CA_FILE,
      openSession: SESSION_OPENERS[config.HTTP2_CLIENT],
      maxSessions: config.APNS_SESSIONS,
      requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      pingIdleMs: config.PING_IDLE_MS,
      ...{ log: brake, onError },
    }),
    (opened) => opened.close(),
  );
  const clients = service.own(
    createClientRegistry({
      load,
      open: (credential) => openClient(connections, credential),
      guard: (client, credential) =>
        guardClient(client, {
          ...{ rateLimit: { perMinute: config.APNS_RATE_PER_MINUTE, rampSeconds: 0 }, credentialGiveUpMs },
          ...watch.of(credential),
        }),
      onGone: watch.forget,
      onError,
    }),
    (opened) => opened.close(),
  );
  const leaseMs = config.LEASE_MS;
  const holder = `${hostname()}:${process.pid}`;
  const store = createProviderStore(db, { provider: "APN", holder, leaseMs, onCompleted: logCompleted(brake) });
  const deliverer = service.own(
    createDeliverer({
      ...{ store, clients, retryPolicy, leaseMs, onError },
      ...{ onConvicted: logConvicted(brake), onLeaseLost: logLostLease(brake), onNoCredential: logNoCredential(brake) },
    }),
    (opened) => opened.close(),
  );
  const consumer = consume(queues, DELIVERY_QUEUES.APN, (batchIds) => deliverer.begin(batchIds, service.stopping), {
    concurrency: config.DELIVERY_CONCURRENCY,
    onError,
    onBroken: service.fail,
  });
  const isWanted = () => !service.stopping.aborted;
  const checker = consumeChecks(
    queues,
    "APN",
    async (checkId) => {
      const credentialId = await findCheckedCredential(db, checkId);
      if (credentialId === undefined) return;
      const result = await verifyUsable(async () => {
        const credential = await load(credentialId);
        return credential && verify(connections, credential, isWanted);
      });
      if (!result) return;
      logVerification(brake, credentialId, result);
      await recordCredentialCheck(db, checkId, result);
    },
    { concurrency: 1, onError, onBroken: service.fail },
  );
  const ping = () => pingDbAnew(config.DATABASE_URL);
  service.onStop(() => consumer.stop().then(() => deliverer.drain()), { ping, inHand: deliverer.inHand });
  service.onStop(() => checker.stop(), { ping });
  service.countLost("outcomes were not recorded", deliverer.unrecorded);
  service.watchProgress({
    stalledAfterMs: config.STALLED_AFTER_SECONDS * 1_000,
    untouchedAfterMs: config.UNTOUCHED_AFTER_SECONDS * 1_000,
    waiting: async () => {
      await pingDb(db);
      return queues.waiting(DELIVERY_QUEUES.APN);
    },
    finished: () => consumer.finished() + deliverer.recorded(),
    begun: consumer.begun,
    free: consumer.free,
  });
  const { HTTP2_CLIENT: http2Client, DELIVERY_CONCURRENCY: concurrency } = config;
  const queue = redisPlace(config) ? "redis" : "postgres";
  service.log.info(
    {
      provider: "APN",
      origin: config.APNS_BASE_URL,
      sessions: config.APNS_SESSIONS,
      http2Client,
      concurrency,
      queue,
      leaseMs,
    },
    "Delivers with these settings",
  );
  return {};
}

function openClient(connections: ApnsConnections, credential: LoadedCredential) {
  const { type, content } = requireApns(credential);
  const { resource, release } = connections.take(type, content);
  return createApnsClient({ ...resource, app: content, onClose: async () => release() });
}

async function verify(connections: ApnsConnections, credential: LoadedCredential, isWanted: () => boolean) {
  const { type, content } = requireApns(credential);
  const { resource, release } = connections.take(type, content);
  try {
    return await verifyApnsCredential({ content, ...resource, isWanted });
  } finally {
    release();
  }
}

function requireApns(credential: LoadedCredential) {
  if (credential.type === "FCM") throw new Error(`Credential ${credential.id} is not one for APNs.`);
  return credential;
}
