import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { connectDb, pingDb } from "@fanfare/db";
import { accountUuid } from "@fanfare/domain";
import { boardQueues, connectQueues, createProducer } from "@fanfare/queues";
import { localCredentials, type Service } from "@fanfare/runtime";
import type { z } from "zod";
import type { configSchema } from "./config.js";
import { createServer } from "./create-server.js";

/** Clients that send slowly are cut off: time for the headers, and for the whole request, in milliseconds. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;

type Config = z.infer<typeof configSchema>;

/** Starts the API; everything it opens belongs to the service. */
export async function startApi(service: Service, config: Config): Promise<{ url: string }> {
  const { log } = service;
  const onError = (err: unknown) => log.error({ err }, "A part of the API failed and goes on");
  const { accountId, authToken, adminPassword } = readCredentials(config, service);
  const db = service.own(connectDb(config.DATABASE_URL, { poolSize: config.DATABASE_POOL_SIZE, onError }), (opened) =>
    opened.$disconnect(),
  );
  const queues = service.own(
    connectQueues({ databaseUrl: config.DATABASE_URL, redisUrl: config.REDIS_URL, onError }),
    (opened) => opened.close(),
  );
  const fanOut = service.own(createProducer(queues, "fanout"), (producer) => producer.close());
  service.readyWhen({ postgres: () => pingDb(db), queue: () => queues.ping() });
  const app = createServer({
    context: {
      db,
      account: { id: accountId, uuid: accountUuid(accountId) },
      publicUrl: config.PUBLIC_URL,
      enqueueFanOut({ id, recipients, firstOrdinal }) {
        fanOut.add({ batchId: id, recipients, depth: firstOrdinal }).catch(onError);
      },
    },
    authToken,
    adminPassword,
    bodyLimitBytes: config.BODY_LIMIT_BYTES,
    boardQueues: boardQueues(queues),
    readiness: service.readiness,
    log,
  });
  const server = createHttpServer(app);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  await listen(server, config);
  service.onStop(() => close(server));
  const { port } = server.address() as AddressInfo;
  return { url: `http://${config.HOST}:${port}` };
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

function listen(server: Server, { PORT, HOST }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(PORT, HOST, resolve);
  });
}

// Requests that are being answered are answered; idle keep-alive connections are not waited for.
function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeIdleConnections();
  });
}
