import { deliverySettings, healthSettings, logSettings, storeSettings } from "@fanfare/runtime";
import { z } from "zod";

/** The FCM worker's settings. */
export const configSchema = z.object({
  ...storeSettings,
  /** FCM service account, as JSON or as the path of a file. */
  FCM_SERVICE_ACCOUNT: z.string(),
  /** Where FCM is. */
  FCM_BASE_URL: z.url({ protocol: /^https$/ }).default("https://fcm.googleapis.com"),
  /** Connections to FCM at most; each takes about 100 requests at once. */
  FCM_SESSIONS: z.coerce.number().int().min(1).max(64).default(8),
  ...deliverySettings,
  ...healthSettings,
  ...logSettings,
});

/** The environment that the process was started with. */
export const env = process.env;
