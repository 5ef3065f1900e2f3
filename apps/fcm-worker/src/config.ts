import { deliveryWorkerSchema, deliveryWorkerSettings } from "@fanfare/delivery-worker";
import { endpointSetting, originSetting } from "@fanfare/runtime";
import { z } from "zod";

/** The FCM worker's settings. */
export const configSchema = deliveryWorkerSchema(
  z.object({
    ...deliveryWorkerSettings,
    /** Where FCM is: scheme and authority. */
    FCM_BASE_URL: originSetting.default("https://fcm.googleapis.com"),
    /** Where access tokens of service accounts come from, whatever their own `token_uri` says. */
    FCM_TOKEN_URL: endpointSetting.default("https://oauth2.googleapis.com/token"),
    /** Connections to FCM at most, for each credential; each takes about 100 requests at once. */
    FCM_SESSIONS: z.coerce.number().int().min(1).max(64).default(12),
    /**
     * Messages a minute at most, of each credential and worker process: FCM's quota is 600,000 a project, so divide it by
     * the processes that send.
     */
    FCM_RATE_PER_MINUTE: z.coerce.number().int().min(60).max(60_000_000).default(600_000),
    /** Over how long that rate is ramped up from a tenth, in seconds; 0: not at all. Google asks for a minute. */
    FCM_RAMP_SECONDS: z.coerce.number().int().min(0).max(3_600).default(60),
  }),
);

/** The environment that the process was started with. */
export const env = process.env;
