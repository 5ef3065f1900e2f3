import http, { createServer } from "node:http";
import type { Server as NetServer } from "node:net";
import tls from "node:tls";
import { listenOn } from "@fanfare/runtime";
import express, { type Express } from "express";
import { createCustomers } from "../customers.js";
import { createTokenEndpoint } from "../fcm/token-endpoint.js";
import { builtInCustomers } from "../provider-keys.js";
import { closerOfHttp1, closerOfTls } from "../servers.js";
import { loadSecrets, type SimulatorUrls, writeConnectionFiles } from "../state-dir.js";
import { type AnswerRequest, answerApns, answerFcm } from "./answers.js";
import { createReceivedTokens, type ReceivedTokens } from "./received-tokens.js";
import { serveConnection } from "./serve-connection.js";

/** How a sink is run. */
export interface SinkOptions {
  /** @default "127.0.0.1" */
  host?: string;
  /** 0 = any free one. @default 0 */
  fcmPort?: number;
  apnsPort?: number;
  apnsSandboxPort?: number;
  controlPort?: number;
  /** As a simulator's. */
  stateDir?: string;
}

/** A running sink. */
export interface Sink {
  urls: SimulatorUrls;
  /** Its certificate authority, PEM. */
  ca: string;
  received: ReceivedTokens;
  close(): Promise<void>;
}

/** Requests at once on a connection, as the real ones allow. */
const MAX_STREAMS = { apns: 1_000, fcm: 100 } as const;

/**
 * Starts servers in the place of both providers that accept everything, judge nothing and cost as little as they can, so that a
 * sender is measured and not they. Only the OAuth token endpoint is as strict as the simulator's, for it is its.
 *
 * @throws StartError when a port is taken.
 */
export async function startSink(options: SinkOptions = {}): Promise<Sink> {
  const { host = "127.0.0.1", stateDir } = options;
  const secrets = await loadSecrets(stateDir);
  const received = createReceivedTokens();
  const tokenServer = createTokenServer(builtInCustomers(secrets));
  const create = (answer: AnswerRequest, maxStreams: number, http1?: http.Server) =>
    tls.createServer({ ...secrets, ALPNProtocols: http1 ? ["h2", "http/1.1"] : ["h2"], noDelay: true }, (socket) => {
      if (http1 && socket.alpnProtocol !== "h2") http1.emit("connection", socket);
      else serveConnection(socket, answer, maxStreams);
    });
  const servers = {
    apns: create(answerApns(received), MAX_STREAMS.apns),
    apnsSandbox: create(answerApns(received), MAX_STREAMS.apns),
    fcm: create(answerFcm(received), MAX_STREAMS.fcm, tokenServer),
  };
  const control = createServer(createSinkControl(received));
  const closers = [...Object.values(servers).map(closerOfTls), closerOfHttp1(control)];
  const close = async () => {
    await Promise.all(closers.map((closeServer) => closeServer()));
  };
  const listen = (server: NetServer, portSetting: string, port = 0) => listenOn(server, { port, host, portSetting });
  try {
    const urls = {
      apns: `https://localhost:${await listen(servers.apns, "SIMULATOR_APNS_PORT", options.apnsPort)}`,
      apnsSandbox: `https://localhost:${await listen(servers.apnsSandbox, "SIMULATOR_APNS_SANDBOX_PORT", options.apnsSandboxPort)}`,
      fcm: `https://localhost:${await listen(servers.fcm, "SIMULATOR_FCM_PORT", options.fcmPort)}`,
      control: `http://127.0.0.1:${await listen(control, "SIMULATOR_CONTROL_PORT", options.controlPort)}`,
    };
    if (stateDir !== undefined) writeConnectionFiles(stateDir, secrets, urls);
    return { urls, ca: secrets.ca, received, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function createTokenServer(customers: ReturnType<typeof builtInCustomers>): http.Server {
  const tokens = createTokenEndpoint(createCustomers(customers), 3_600);
  const app = express();
  app.post("/token", express.text({ type: () => true }), (req, res) => {
    const { answer } = tokens.grant(String(req.body), `https://${req.headers.host}/token`);
    res.status(answer.status).json(answer.body);
  });
  return http.createServer(app);
}

function createSinkControl(received: ReceivedTokens): Express {
  const app = express();
  app.disable("x-powered-by");
  app.get("/counts", (_req, res) => {
    res.json({ FCM: received.counts("FCM"), APN: received.counts("APN") });
  });
  // One JSON object a line: tokens may be millions.
  app.get("/receipts", (req, res) => {
    res.type("application/x-ndjson");
    for (const receipt of received.receipts(String(req.query.prefix ?? ""))) res.write(`${JSON.stringify(receipt)}\n`);
    res.end();
  });
  app.delete("/received", (_req, res) => {
    received.clear();
    res.status(204).end();
  });
  return app;
}
