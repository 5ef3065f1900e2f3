import { createServer } from "node:http";
import type { Server as NetServer } from "node:net";
import { join } from "node:path";
import { listenOn } from "@fanfare/runtime";
import { PROVIDER_TOKEN_LIMITS } from "./apns/provider-token.js";
import { createApnsServer } from "./apns/server.js";
import { type Behaviours, createBehaviours } from "./behaviours.js";
import { createControlApi } from "./control-api.js";
import { type Customers, createCustomers } from "./customers.js";
import { createOauthFaults } from "./fcm/oauth-faults.js";
import { createFcmServer } from "./fcm/server.js";
import { createTokenEndpoint } from "./fcm/token-endpoint.js";
import { builtInCustomers, CUSTOMER, serviceAccountJson } from "./provider-keys.js";
import { openReceivedJournal } from "./received-journal.js";
import { ReceivedLog } from "./received-log.js";
import { createServerFaults } from "./server-faults.js";
import { closerOfHttp1, closerOfTls } from "./servers.js";
import { loadSecrets, type SimulatorUrls, writeConnectionFiles } from "./state-dir.js";
import { createStreamLimits } from "./stream-limits.js";

/** How a simulator is run. */
export interface SimulatorOptions {
  /** @default "127.0.0.1" */
  host?: string;
  /** 0 = any free one. @default 0 */
  fcmPort?: number;
  apnsPort?: number;
  apnsSandboxPort?: number;
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
  /** Keep the counts in the state folder too, so that one that was killed knows them when it starts again. @default false */
  keepCounts?: boolean;
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
  /** Who else may send, and with which key; what `/customers` of the control API works on. */
  customers: Customers;
  behaviours: Behaviours;
  received: ReceivedLog;
  close(): Promise<void>;
}

/** Starts the APNs server, the FCM server and the control API. @throws StartError when a port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = "127.0.0.1", stateDir, latencyMs = 0, acceptAll = false, accessTokenSeconds = 3_600 } = options;
  const secrets = await loadSecrets(stateDir);
  const behaviours = createBehaviours(latencyMs);
  const keepsCounts = options.keepCounts === true && stateDir !== undefined;
  const received = new ReceivedLog(keepsCounts ? openReceivedJournal(join(stateDir, "received.ndjson")) : undefined);
  const customers = createCustomers(builtInCustomers(secrets));
  const shared = { tls: secrets, customers, behaviours, received, acceptAll };
  const tokens = createTokenEndpoint(customers, accessTokenSeconds);
  const oauthFaults = createOauthFaults(behaviours.countFault);
  const providerTokenLimits = { ...PROVIDER_TOKEN_LIMITS };
  const limits = { fcm: createStreamLimits(), apns: createStreamLimits(), apnsSandbox: createStreamLimits() };
  let apnsConnections = 0;
  const maxStreams = options.apnsMaxStreams ?? 1_000;
  const apns = { ...shared, providerTokenLimits, maxStreams, nextConnection: () => ++apnsConnections };
  const fcm = { ...shared, tokens, oauthFaults, maxStreams: options.fcmMaxStreams ?? 100 };
  const providers = {
    apns: createApnsServer({ ...apns, environment: "production", streamLimits: limits.apns }),
    apnsSandbox: createApnsServer({ ...apns, environment: "sandbox", streamLimits: limits.apnsSandbox }),
    fcm: createFcmServer({ ...fcm, streamLimits: limits.fcm }),
  };
  const faultsOf = (name: keyof typeof providers) =>
    createServerFaults(providers[name], {
      streamLimits: limits[name],
      countFault: behaviours.countFault,
      followStreams: !acceptAll,
    });
  const faults = {
    FCM: faultsOf("fcm"),
    APN: faultsOf("apns"),
    APN_SANDBOX: faultsOf("apnsSandbox"),
    OAUTH: oauthFaults,
  };
  const control = createServer(
    createControlApi({ behaviours, customers, received, tokens, providerTokenLimits, faults }),
  );
  const servers = { ...providers, control };
  const closers = [
    ...[servers.apns, servers.apnsSandbox, servers.fcm].map(closerOfTls),
    closerOfHttp1(servers.control),
  ];
  const close = async () => {
    for (const each of Object.values(faults)) each.clear();
    await Promise.all(closers.map((closeServer) => closeServer()));
  };
  const listen = (server: NetServer, portSetting: string, port = 0) => listenOn(server, { port, host, portSetting });
  try {
    const urls = {
      apns: `https://localhost:${await listen(servers.apns, "SIMULATOR_APNS_PORT", options.apnsPort)}`,
      apnsSandbox: `https://localhost:${await listen(servers.apnsSandbox, "SIMULATOR_APNS_SANDBOX_PORT", options.apnsSandboxPort)}`,
      fcm: `https://localhost:${await listen(servers.fcm, "SIMULATOR_FCM_PORT", options.fcmPort)}`,
      control: `http://127.0.0.1:${await listen(servers.control, "SIMULATOR_CONTROL_PORT", options.controlPort)}`,
    };
    if (stateDir !== undefined) writeConnectionFiles(stateDir, secrets, urls);
    const fcmServiceAccount = serviceAccountJson(secrets.serviceAccountKey, urls.fcm);
    const customer = { ...CUSTOMER, apnsKey: secrets.apnsKey, fcmServiceAccount };
    return { urls, ca: secrets.ca, customer, customers, behaviours, received, close };
  } catch (error) {
    await close();
    throw error;
  }
}
