import { createServer as createHttpServer } from "node:http";
import { setTimeout } from "node:timers/promises";
import {
  connectDb,
  createWriteProbe,
  disconnectDb,
  isNotAtHand,
  isSilence,
  requireMigrated,
  returnRecipientBatches,
  wakeBatchesOf,
} from "@fanfare/db";
import { accountUuid } from "@fanfare/domain";
import {
  boardQueues,
  CHECK_QUEUES,
  connectQueues,
  createEnqueueStored,
  createProducer,
  enqueue,
  isQueueAway,
  redisPlace,
} from "@fanfare/queues";
import {
  ensureMasterKey,
  listenOn,
  localCredentials,
  readMasterKeys,
  type Service,
  urlOfListener,
} from "@fanfare/runtime";
import { createStoreErrors } from "@fanfare/stores";
import type { z } from "zod";
import { createAcceptSlots } from "./accept-slots.js";
import { answerClientErrors } from "./answer-client-errors.js";
import { createAuthenticator } from "./authenticator.js";
import { createBacklogGate } from "./backlog-gate.js";
import { type configSchema, longestAnswerMs, shutdownDelayMs } from "./config.js";
import { createServer } from "./create-server.js";
import { createDrain } from "./drain-server.js";
import { takeEnvironmentAccount } from "./environment-account.js";
import { ensureEnvironmentApp } from "./environment-app.js";
import { createIdentities } from "./identities.js";
import { createLoginLog } from "./login-log.js";
import { createLoginThrottle } from "./login-throttle.js";
import { answerExpectations } from "./middleware/expectation.js";
import { createOperationWatch } from "./operation-watch.js";
import { createQueueRank } from "./queue-rank.js";

/** How often it is looked for clients that have taken too long, in milliseconds: Node's default is half a minute. */
const CONNECTIONS_CHECK_MS = 500;

type Config = z.infer<typeof configSchema>;

/** Starts the API; everything it opens belongs to the service. */
export async function startApi(service: Service, config: Config): Promise<{ url: string }> {
  const { log } = service;
  const { brake, onError, onQueueError } = createStoreErrors(service, "A part of the API failed and goes on");
  const { accountId, authToken, adminPassword } = readCredentials(config, service);
  const { file, created } = ensureMasterKey(config);
  if (file)
    log.info({ file, created }, "Provider keys are encrypted under the master key in this file: keep a copy of it");
  const poolSize = config.DATABASE_POOL_SIZE;
  const statementTimeoutMs = config.STATEMENT_TIMEOUT_MS;
  const connectTimeoutMs = config.CONNECTION_WAIT_MS;
  const db = service.own(
    connectDb(config.DATABASE_URL, { poolSize, statementTimeoutMs, connectTimeoutMs, onError }),
    disconnectDb,
  );
  const prepare = async () => {
    const schema = await requireMigrated(db, config.DATABASE_URL);
    await takeEnvironmentAccount({ db, log }, accountId, authToken);
    await ensureEnvironmentApp(db, readMasterKeys(config), accountUuid(accountId), config);
    return schema;
  };
  const tablesIn = await service.waitFor("Postgres", prepare, isNotAtHand);
  const queues = service.own(
    connectQueues({ databaseUrl: config.DATABASE_URL, tablesIn, redis: redisPlace(config), onError: onQueueError }),
    (opened) => opened.close(),
  );
  // Without its queue it serves; where it can never have one, as things are set up, its sends would wait for nothing.
  void queues.usable().catch((error: unknown) => isQueueAway(error) || service.fail(error));
  const jobsMax = config.QUEUE_JOBS_MAX;
  const producer = service.own(createProducer(queues, "fanout", { jobsMax }), (opened) => opened.close());
  const enqueueFanOut = createEnqueueStored(producer, {
    onLeft: (left) => returnRecipientBatches(db, left),
    onError: onQueueError,
  });
  const operations = service.own(createOperationWatch(db, onError), (watch) => watch.close());
  const probe = service.own(createWriteProbe(config.DATABASE_URL), (opened) => opened.close());
  service.readyWhen({ postgres: () => probe.write() });
  // What is accepted while the queue is away waits in Postgres, and is enqueued when it is back.
  service.readyWhen({ queue: () => queues.ping() }, "degrading");
  const identities = createIdentities(db, adminPassword);
  const authenticator = createAuthenticator(identities, createLoginThrottle(config.LOGIN_FAILURES_PER_MINUTE));
  const loginLog = service.own(createLoginLog(log), (opened) => opened.close());
  const app = createServer({
    deps: {
      ...{ db, log },
      keyring: () => readMasterKeys(config),
      limits: { appsPerAccount: config.APPS_PER_ACCOUNT, credentialsPerApp: config.CREDENTIALS_PER_APP },
      publicUrl: config.PUBLIC_URL,
      readiness: service.readiness,
      readinessDetail: config.READINESS_DETAIL,
      backlog: createBacklogGate(db, {
        limit: config.BACKLOG_LIMIT,
        accountLimit: config.ACCOUNT_BACKLOG_LIMIT,
        onError,
      }),
      acceptSlots: createAcceptSlots(Math.max(1, poolSize - 1), config.SEND_WAIT_MS, isSilence),
      wakeBatchesOf: (credentialId) => void wakeBatchesOf(db, credentialId).catch(onError),
      operations,
      forgetCallers: () => identities.forget(),
      enqueueFanOut({ id, recipients, firstOrdinal }, ahead) {
        enqueueFanOut({ batchId: id, recipients, depth: ahead + firstOrdinal });
      },
      queueRank: createQueueRank(),
      enqueueCheck: (provider, checkId) => enqueue(queues, CHECK_QUEUES[provider], { v: 1, checkId }, { jobsMax }),
    },
    authenticator,
    limits: {
      bodyLimitBytes: config.BODY_LIMIT_BYTES,
      inFlight: { requests: config.IN_FLIGHT_REQUESTS, bytes: config.IN_FLIGHT_BYTES },
      answerWithinMs: longestAnswerMs(config),
    },
    trustProxy: config.TRUST_PROXY,
    boardQueues: () => boardQueues(queues),
    log: brake,
    tellFailedLogin: loginLog.tell,
  });
  const server = createHttpServer(
    {
      headersTimeout: config.HEADERS_TIMEOUT_MS,
      requestTimeout: config.RECEIVE_TIMEOUT_MS,
      keepAliveTimeout: config.KEEP_ALIVE_SECONDS * 1_000,
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
      // It is required where others are answered too.
      requireHostHeader: false,
    },
    app,
  );
  answerExpectations(server, app);
  answerClientErrors(server);
  server.maxConnections = config.CONNECTIONS_MAX;
  const drain = createDrain(server);
  const { HOST: host } = config;
  const port = await listenOn(server, { port: config.PORT, host, portSetting: "PORT", hostSetting: "HOST" });
  service.onStop(() => {
    // Streams of events do not end by themselves.
    const served = serveOn(service, config).then(() => operations.close());
    return drain(service.signal, served);
  });
  return { url: urlOfListener(host, port) };
}

function readCredentials(config: Config, { log }: Service) {
  const { FANFARE_ACCOUNT_ID, FANFARE_AUTH_TOKEN, FANFARE_ADMIN_PASSWORD } = config;
  if (FANFARE_ACCOUNT_ID && FANFARE_AUTH_TOKEN && FANFARE_ADMIN_PASSWORD) {
    return {
      accountId: FANFARE_ACCOUNT_ID,
      authToken: FANFARE_AUTH_TOKEN,
      adminPassword: FANFARE_ADMIN_PASSWORD,
    };
  }
  const made = localCredentials(config.FANFARE_DATA_DIR);
  log.info({ file: made.file, created: made.created }, "Credentials that the environment does not give are kept here");
  return {
    accountId: FANFARE_ACCOUNT_ID ?? made.accountId,
    authToken: FANFARE_AUTH_TOKEN ?? made.authToken,
    adminPassword: FANFARE_ADMIN_PASSWORD ?? made.adminPassword,
  };
}

/** Resolves when load balancers have noticed that this process is not ready any more, or nobody is left to notice. */
async function serveOn({ orphaned, signal }: Service, config: Config): Promise<void> {
  const needless = AbortSignal.any([orphaned, signal]);
  // Cut short, it has served on for long enough.
  await setTimeout(shutdownDelayMs(config), undefined, { signal: needless }).catch(() => undefined);
}
