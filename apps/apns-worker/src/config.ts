import { deliveryWorkerSchema, deliveryWorkerSettings } from "@fanfare/delivery-worker";
import { originSetting } from "@fanfare/runtime";
import { z } from "zod";

/** The APNs worker's settings. */
export const configSchema = deliveryWorkerSchema(
  z.object({
    ...deliveryWorkerSettings,
    /** Where APNs is: scheme and authority. */
    APNS_BASE_URL: originSetting.default("https://api.push.apple.com"),
    /** Where APNs's environment for development builds of an app is. */
    APNS_SANDBOX_URL: originSetting.default("https://api.sandbox.push.apple.com"),
    /** Connections to APNs at most, for each signing key. */
    APNS_SESSIONS: z.coerce.number().int().min(1).max(64).default(4),
    /** Pushes a minute at most, of each credential and worker process; absent: as many as APNs takes. */
    APNS_RATE_PER_MINUTE: z.coerce.number().int().min(60).max(60_000_000).optional(),
  }),
);

/** The environment that the process was started with. */
export const env = process.env;
