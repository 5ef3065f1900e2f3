import { createServer, type Server } from "node:http";
import type { Http2SecureServer } from "node:http2";
import type { AddressInfo, Server as NetServer } from "node:net";
import { apnsCustomer } from "./apns/rules.js";
import { createApnsServer } from "./apns/server.js";
import { type Behaviours, createBehaviours } from "./behaviours.js";
import { createControlApi } from "./control-api.js";
import { createFcmServer } from "./fcm/server.js";
import { createTokenEndpoint } from "./fcm/token-endpoint.js";
import { CUSTOMER, serviceAccountJson } from "./provider-keys.js";
import { ReceivedLog } from "./received-log.js";
import { loadSecrets, type SimulatorSecrets, type SimulatorUrls, writeConnectionFiles } from "./state-dir.js";

/** How a simulator is run. */
export interface SimulatorOptions {
  /** @default "127.0.0.1" */
  host?: string;
  /** 0 = any free one. @default 0 */
  fcmPort?: number;
  apnsPort?: number;
  controlPort?: number;
  /** Folder for its certificate authority, keys and `simulator.json`; absent: all of it lives in memory. */
  stateDir?: string;
  /** Added to every answer. @default 0 */
  latencyMs?: number;
  /** Judge nothing and count only: for measuring senders. @default false */
  acceptAll?: boolean;
  /** Requests at once on a connection to APNs. @default 1,000 */
  apnsMaxStreams?: number;
  /** Requests at once on a connection to FCM. @default 100 */
  fcmMaxStreams?: number;
  /** Life of an OAuth access token, in seconds. @default 3,600 */
  accessTokenSeconds?: number;
}

/** A running simulator. */
export interface Simulator {
  urls: SimulatorUrls;
  /** Its certificate authority, PEM: what a sender has to trust. */
  ca: string;
  /** What a sender signs with. */
  customer: typeof CUSTOMER & { apnsKey: string; fcmServiceAccount: string };
  behaviours: Behaviours;
  received: ReceivedLog;
  close(): Promise<void>;
}

/** Starts the APNs server, the FCM server and the control API. @throws Error when a port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = "127.0.0.1", stateDir, latencyMs = 0, acceptAll = false, accessTokenSeconds = 3_600 } = options;
  const secrets = await loadSecrets(stateDir);
  const behaviours = createBehaviours(latencyMs);
  const received = new ReceivedLog();
  const shared = { tls: secrets, behaviours, received, acceptAll };
  const account = { clientEmail: CUSTOMER.fcmClientEmail, privateKey: secrets.serviceAccountKey };
  const tokens = createTokenEndpoint(account, accessTokenSeconds);
  const servers = {
    apns: createApnsServer({ ...shared, customer: customerOf(secrets), maxStreams: options.apnsMaxStreams ?? 1_000 }),
    fcm: createFcmServer({
      ...shared,
      tokens,
      projectId: CUSTOMER.fcmProjectId,
      maxStreams: options.fcmMaxStreams ?? 100,
    }),
    control: createServer(createControlApi({ behaviours, received, tokens })),
  };
  const closers = [closerOfHttp2(servers.apns), closerOfHttp2(servers.fcm), closerOfHttp1(servers.control)];
  const close = async () => void (await Promise.all(closers.map((closeServer) => closeServer())));
  try {
    const urls = {
      apns: `https://localhost:${await listen(servers.apns, options.apnsPort ?? 0, host)}`,
      fcm: `https://localhost:${await listen(servers.fcm, options.fcmPort ?? 0, host)}`,
      control: `http://127.0.0.1:${await listen(servers.control, options.controlPort ?? 0, host)}`,
    };
    if (stateDir !== undefined) writeConnectionFiles(stateDir, secrets, urls);
    const fcmServiceAccount = serviceAccountJson(secrets.serviceAccountKey, urls.fcm);
    const customer = { ...CUSTOMER, apnsKey: secrets.apnsKey, fcmServiceAccount };
    return { urls, ca: secrets.ca, customer, behaviours, received, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function customerOf({ apnsKey }: SimulatorSecrets) {
  const { apnsKeyId: keyId, apnsTeamId: teamId, apnsTopic: topic } = CUSTOMER;
  return apnsCustomer(apnsKey, { keyId, teamId, topic });
}

function listen(server: NetServer, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

// Closing a server waits for its connections, which senders keep for hours.
function closerOfHttp2(server: Http2SecureServer): () => Promise<void> {
  const sockets = new Set<{ destroy(): void }>();
  server.on("secureConnection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}

function closerOfHttp1(server: Server): () => Promise<void> {
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}
