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
  createSessionPool,
  guardClient,
  type LoadedCredential,
  logConnections,
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
import type { configSchema } from "./config.js";
import { createFcmAccessToken } from "./fcm-access-token.js";
import { createFcmClient } from "./fcm-client.js";
import { verifyFcmCredential } from "./verify-fcm-credential.js";

/** They are about the APNs or web push key in the Firebase project: messages to Android go through. */
const OTHER_CREDENTIALS = ["THIRD_PARTY_AUTH_ERROR"];

/**
 * FCM's limit of streams on a connection. All credentials share the connections: with no more lines on their way than there are
 * streams, none waits in line behind another's, and one that nothing is answered of leaves a third of the streams to the others.
 */
const STREAMS_PER_SESSION = 100;

/** Starts delivering through FCM; everything it opens belongs to the service. */
export async function startFcmWorker(service: Service, config: z.infer<typeof configSchema>) {
  const kindOf = (err: unknown) => databaseKind(err) ?? queueKind(err);
  const brake = service.own(createErrorBrake(service.log, { kindOf }), (opened) => opened.close());
  const onQueueError = tellQueueError(brake);
  const onError = (err: unknown) => {
    if (isDatabaseUnavailable(err)) brake.warn({ err }, "Postgres can not be reached or does not answer");
    else if (queueKind(err)) onQueueError(err);
    else brake.error({ err }, "A part of the worker failed and goes on");
  };
  const ca = config.PROVIDER_CA_FILE;
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
  const { FCM_BASE_URL: origin, FCM_SESSIONS: maxSessions } = config;
  const { REQUEST_TIMEOUT_MS: requestTimeoutMs, PING_IDLE_MS: pingIdleMs } = config;
  const openSession = SESSION_OPENERS[config.HTTP2_CLIENT];
  // FCM authenticates each request by itself: all credentials share the sessions.
  const sender = service.own(
    createSessionPool({
      ...logConnections(brake)({ provider: "FCM", origin }, (events) =>
        openSession({ origin, ca, requestTimeoutMs, pingIdleMs }, events),
      ),
      maxSessions,
    }),
    (opened) => opened.close(),
  );
  const rateLimit = { perMinute: config.FCM_RATE_PER_MINUTE, rampSeconds: config.FCM_RAMP_SECONDS };
  const accessTokenOf = (credential: LoadedCredential) =>
    createFcmAccessToken({
      serviceAccount: requireFcm(credential),
      tokenUrl: config.FCM_TOKEN_URL,
      ca,
      // Who needs one that is not there has it on the notification, and in the log.
      onError: (error, stillWorks) => stillWorks && watch.onUnrefreshed(credential, error),
    });
  const clients = service.own(
    createClientRegistry({
      load,
      open: (credential) => {
        const { project_id: projectId, client_email: clientEmail } = requireFcm(credential);
        return createFcmClient({ projectId, clientEmail, accessToken: accessTokenOf(credential), sender });
      },
      guard: (client, credential) =>
        guardClient(client, {
          ...{ rateLimit, credentialGiveUpMs, ignoredCodes: OTHER_CREDENTIALS },
          ...watch.of(credential),
        }),
      onGone: watch.forget,
      onError,
    }),
    (opened) => opened.close(),
  );
  const leaseMs = config.LEASE_MS;
  const holder = `${hostname()}:${process.pid}`;
  const store = createProviderStore(db, { provider: "FCM", holder, leaseMs, onCompleted: logCompleted(brake) });
  const deliverer = service.own(
    createDeliverer({
      ...{ store, clients, retryPolicy, leaseMs, onError },
      ...{ onConvicted: logConvicted(brake), onLeaseLost: logLostLease(brake), onNoCredential: logNoCredential(brake) },
      windowSize: maxSessions * STREAMS_PER_SESSION,
    }),
    (opened) => opened.close(),
  );
  const consumer = consume(queues, DELIVERY_QUEUES.FCM, (batchIds) => deliverer.begin(batchIds, service.stopping), {
    concurrency: config.DELIVERY_CONCURRENCY,
    onError,
    onBroken: service.fail,
  });
  const checker = consumeChecks(
    queues,
    "FCM",
    async (checkId) => {
      const credentialId = await findCheckedCredential(db, checkId);
      if (credentialId === undefined) return;
      const isWanted = () => !service.stopping.aborted;
      const result = await verifyUsable(async () => {
        const credential = await load(credentialId);
        if (!credential) return undefined;
        const accessToken = accessTokenOf(credential);
        return verifyFcmCredential({ content: requireFcm(credential), accessToken, sender, isWanted });
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
      return queues.waiting(DELIVERY_QUEUES.FCM);
    },
    finished: () => consumer.finished() + deliverer.recorded(),
    begun: consumer.begun,
    free: consumer.free,
  });
  const { HTTP2_CLIENT: http2Client, DELIVERY_CONCURRENCY: concurrency } = config;
  const queue = redisPlace(config) ? "redis" : "postgres";
  service.log.info(
    { provider: "FCM", origin, sessions: maxSessions, http2Client, concurrency, queue, leaseMs },
    "Delivers with these settings",
  );
  return {};
}

function requireFcm(credential: LoadedCredential) {
  if (credential.type !== "FCM") throw new Error(`Credential ${credential.id} is not one for FCM.`);
  return credential.content;
}
