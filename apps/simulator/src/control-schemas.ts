import { z } from "zod";

const provider = z.enum(["FCM", "APN"]);
const delayMs = z.number().min(0).max(600_000).optional();
const durationMs = z.int().min(1).max(600_000).optional();
const times = z.int().min(1).optional();
const status = z.int().min(200).max(599);
const errorStatus = z.int().min(400).max(599);
const errorCode = z.int().min(0).max(0xffff_ffff).optional();
const reason = z.string().optional();

const behaviourSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(["accept", "drip"]), delayMs }),
  z.strictObject({
    kind: z.literal("refuse"),
    status: errorStatus,
    code: z.string().min(1),
    headers: z.record(z.string(), z.string()).optional(),
    timestampMs: z.int().min(0).optional(),
    quota: z.enum(["device", "project"]).optional(),
    delayMs,
  }),
  z.strictObject({ kind: z.literal("silent") }),
  z.strictObject({ kind: z.enum(["reset", "refuseStream", "destroy"]), delayMs }),
  z.strictObject({ kind: z.literal("html"), status: status.default(502), delayMs }),
  z.strictObject({ kind: z.literal("empty"), status, delayMs }),
  z.strictObject({ kind: z.literal("cutBody"), status, code: z.string().min(1).optional(), delayMs }),
  z.strictObject({
    kind: z.literal("goaway"),
    lastStream: z.enum(["received", "before"]).default("received"),
    errorCode,
    reason,
    delayMs,
  }),
]);

/** What `POST /behaviours` takes. */
export const scriptSchema = z.strictObject({
  provider: provider.optional(),
  token: z.string().min(1).optional(),
  tokenPrefix: z.string().min(1).optional(),
  behaviour: behaviourSchema,
  times,
  durationMs,
});

/** What `PUT /storm` takes. */
export const stormSchema = z.strictObject({ seed: z.int(), intensity: z.number().min(0).max(1) });

const ofServer = { provider, environment: z.enum(["production", "sandbox"]).default("production") };
const serverFaultSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...ofServer,
    kind: z.literal("goaway"),
    lastStream: z.enum(["received", "none", "half"]).default("received"),
    errorCode,
    reason,
    close: z.boolean().default(false),
    connections: z.int().min(1).optional(),
    everyRequests: z.int().min(1).optional(),
    times,
    durationMs,
  }),
  z.strictObject({ ...ofServer, kind: z.literal("destroy") }),
  z.strictObject({ ...ofServer, kind: z.literal("stall"), durationMs }),
  z.strictObject({ ...ofServer, kind: z.literal("maxStreams"), value: z.int().min(0).max(1_000_000), durationMs }),
  z.strictObject({
    ...ofServer,
    kind: z.enum(["refuseStreams", "refuseConnections", "tlsFailure", "oneByteFrames"]),
    times,
    durationMs,
  }),
]);

const ofOauth = { provider: z.literal("OAUTH"), environment: z.undefined().optional(), times, durationMs };
const oauthFaultSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...ofOauth,
    kind: z.literal("fail"),
    status: errorStatus.default(503),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  z.strictObject({ ...ofOauth, kind: z.literal("slow"), delayMs: z.number().min(0).max(600_000) }),
  z.strictObject({ ...ofOauth, kind: z.literal("html"), status: status.default(502) }),
]);

/** What `POST /faults` takes. */
export const faultSchema = z.union([serverFaultSchema, oauthFaultSchema]);

/** What `PUT /latency` takes. */
export const latencySchema = z
  .strictObject({ minMs: z.number().min(0).max(60_000), maxMs: z.number().min(0).max(60_000) })
  .refine(({ minMs, maxMs }) => minMs <= maxMs, { message: "must not be below minMs", path: ["maxMs"] });

/** What `PUT /access-token-lifetime` takes. */
export const accessTokenLifetimeSchema = z.strictObject({ seconds: z.int().min(1).max(86_400) });

/** What `PUT /provider-token-limits` takes. */
export const providerTokenLimitsSchema = z.strictObject({
  maxAgeSeconds: z.number().min(0).optional(),
  minUpdateSeconds: z.number().min(0).optional(),
});

/** The query of `GET /counts`. */
export const countsQuery = z.strictObject({ provider: provider.optional() });

/** The query of `GET /received`. */
export const receivedQuery = z.strictObject({
  token: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
});
