import express, { type Express } from "express";
import { z } from "zod";
import { APNS_CODES } from "./apns/codes.js";
import type { ProviderTokenLimits } from "./apns/provider-token.js";
import type { Behaviours } from "./behaviours.js";
import {
  accessTokenLifetimeSchema,
  countsQuery,
  faultSchema,
  latencySchema,
  providerTokenLimitsSchema,
  receivedQuery,
  scriptSchema,
  stormSchema,
} from "./control-schemas.js";
import type { Customers, NewCustomer } from "./customers.js";
import { FCM_CODES } from "./fcm/codes.js";
import type { OauthFault, OauthFaults } from "./fcm/oauth-faults.js";
import type { TokenEndpoint } from "./fcm/token-endpoint.js";
import type { ReceivedLog } from "./received-log.js";
import type { ServerFault, ServerFaults } from "./server-faults.js";
import { TOKEN_RULES } from "./token-rules.js";

/** What the control API works on. */
export interface ControlOptions {
  behaviours: Behaviours;
  customers: Customers;
  received: ReceivedLog;
  tokens: TokenEndpoint;
  /** Of both APNs servers; changed in place. */
  providerTokenLimits: ProviderTokenLimits;
  /** Of each server, and of the token endpoint. */
  faults: Record<"FCM" | "APN" | "APN_SANDBOX", ServerFaults> & { OAUTH: OauthFaults };
}

/** Builds the control API: what was received, and what is to be done with what comes. */
export function createControlApi(options: ControlOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(express.json());
  addBehaviours(app, options);
  addFaults(app, options);
  addCredentials(app, options);
  addReceived(app, options);
  app.use((error: unknown, _req: express.Request, res: express.Response, next: express.NextFunction) => {
    if (!(error instanceof z.ZodError)) return next(error);
    const errors = error.issues.map(({ path, message }) => ({ pointer: `/${path.join("/")}`, detail: message }));
    res.status(400).type("application/problem+json").json({ title: "The request is not valid", status: 400, errors });
  });
  return app;
}

function addBehaviours(app: Express, { behaviours }: ControlOptions): void {
  app.get("/codes", (_req, res) => {
    res.json({ APN: APNS_CODES, FCM: FCM_CODES });
  });
  app.get("/behaviours", (_req, res) => {
    const byToken = TOKEN_RULES.map(({ prefix, meaning }) => ({ prefix, meaning }));
    res.json({ scripted: behaviours.scripted(), byToken });
  });
  app.post("/behaviours", (req, res) => {
    const script = scriptSchema.parse(req.body);
    behaviours.script(script as Parameters<Behaviours["script"]>[0]);
    res.status(201).json(script);
  });
  app.put("/latency", (req, res) => {
    const latency = latencySchema.parse(req.body);
    behaviours.setLatency(latency);
    res.json(latency);
  });
  app.delete("/behaviours", (_req, res) => {
    behaviours.reset();
    res.status(204).end();
  });

  app.put("/storm", (req, res) => {
    const storm = stormSchema.parse(req.body);
    behaviours.setStorm(storm);
    res.json(storm);
  });
  app.delete("/storm", (_req, res) => {
    behaviours.setStorm(undefined);
    res.status(204).end();
  });
}

function addFaults(app: Express, { faults }: ControlOptions): void {
  app.get("/faults", (_req, res) => {
    const of = (given: keyof typeof faults, names: object) =>
      faults[given].list().map((each) => ({ ...names, ...each }));
    res.json({
      faults: [
        ...of("FCM", { provider: "FCM" }),
        ...of("APN", { provider: "APN", environment: "production" }),
        ...of("APN_SANDBOX", { provider: "APN", environment: "sandbox" }),
        ...of("OAUTH", { provider: "OAUTH" }),
      ],
    });
  });
  app.post("/faults", (req, res) => {
    const { provider, environment, ...fault } = faultSchema.parse(req.body);
    if (provider === "OAUTH") faults.OAUTH.apply(fault as OauthFault);
    else faults[environment === "sandbox" && provider === "APN" ? "APN_SANDBOX" : provider].apply(fault as ServerFault);
    res.status(201).json(fault);
  });
  app.delete("/faults", (_req, res) => {
    for (const each of Object.values(faults)) each.clear();
    res.status(204).end();
  });
}

function addCredentials(app: Express, { customers, tokens, providerTokenLimits }: ControlOptions): void {
  app.delete("/access-tokens", (_req, res) => {
    tokens.revokeAll();
    res.status(204).end();
  });
  app.put("/access-token-lifetime", (req, res) => {
    const lifetime = accessTokenLifetimeSchema.parse(req.body);
    tokens.setLifetime(lifetime.seconds);
    res.json(lifetime);
  });
  app.put("/provider-token-limits", (req, res) => {
    res.json(Object.assign(providerTokenLimits, providerTokenLimitsSchema.parse(req.body)));
  });

  app.get("/customers", (_req, res) => {
    res.json({ customers: customers.list() });
  });
  app.post("/customers", (req, res) => {
    res.status(201).json(customers.add(req.body as NewCustomer));
  });
  app.delete("/customers", (_req, res) => {
    customers.clear();
    res.status(204).end();
  });
}

function addReceived(app: Express, { received, tokens, behaviours }: ControlOptions): void {
  app.get("/counts", (req, res) => {
    const { provider: only } = countsQuery.parse(req.query);
    const all = { FCM: received.counts("FCM"), APN: received.counts("APN") };
    res.json({
      ...(only ? { [only]: all[only] } : all),
      accessTokensIssued: tokens.issued(),
      faults: behaviours.faults(),
    });
  });
  // One JSON object a line: tokens may be millions.
  app.get("/counts/tokens", (_req, res) => {
    res.type("application/x-ndjson");
    for (const counts of received.tokens()) res.write(`${JSON.stringify(counts)}\n`);
    res.end();
  });
  app.get("/received", (req, res) => {
    const { token, limit } = receivedQuery.parse(req.query);
    res.json({ requests: received.newest(limit, token) });
  });
  app.delete("/received", (_req, res) => {
    received.clear();
    res.status(204).end();
  });
}
