import express, { type Express } from "express";
import { z } from "zod";
import { type Behaviours, TOKEN_RULES } from "./behaviours.js";
import type { TokenEndpoint } from "./fcm/token-endpoint.js";
import type { ReceivedLog } from "./received-log.js";

const provider = z.enum(["FCM", "APN"]);
const delayMs = z.number().min(0).max(600_000).optional();

const behaviourSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("accept"), delayMs }),
  z.strictObject({
    kind: z.literal("refuse"),
    status: z.int().min(400).max(599),
    code: z.string().min(1),
    headers: z.record(z.string(), z.string()).optional(),
    delayMs,
  }),
  z.strictObject({ kind: z.literal("silent") }),
  z.strictObject({ kind: z.literal("reset"), delayMs }),
]);

const scriptSchema = z.strictObject({
  provider: provider.optional(),
  token: z.string().min(1).optional(),
  tokenPrefix: z.string().min(1).optional(),
  behaviour: behaviourSchema,
  times: z.int().min(1).optional(),
});

const latencySchema = z
  .strictObject({ minMs: z.number().min(0).max(60_000), maxMs: z.number().min(0).max(60_000) })
  .refine(({ minMs, maxMs }) => minMs <= maxMs, { message: "must not be below minMs", path: ["maxMs"] });

const countsQuery = z.strictObject({ provider: provider.optional() });
const receivedQuery = z.strictObject({
  token: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
});

/** What the control API works on. */
export interface ControlOptions {
  behaviours: Behaviours;
  received: ReceivedLog;
  tokens: TokenEndpoint;
}

/** Builds the control API: what was received, and what is to be done with what comes. */
export function createControlApi({ behaviours, received, tokens }: ControlOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(express.json());

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

  app.get("/counts", (req, res) => {
    const { provider: only } = countsQuery.parse(req.query);
    const all = { FCM: received.counts("FCM"), APN: received.counts("APN") };
    res.json({ ...(only ? { [only]: all[only] } : all), accessTokensIssued: tokens.issued() });
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

  app.use((error: unknown, _req: express.Request, res: express.Response, next: express.NextFunction) => {
    if (!(error instanceof z.ZodError)) return next(error);
    const errors = error.issues.map(({ path, message }) => ({ pointer: `/${path.join("/")}`, detail: message }));
    res.status(400).type("application/problem+json").json({ title: "The request is not valid", status: 400, errors });
  });
  return app;
}
