import { deliverySettings, healthSettings, logSettings, storeSettings } from "@fanfare/runtime";
import { z } from "zod";

/** The APNs worker's settings. */
export const configSchema = z.object({
  ...storeSettings,
  /** APNs signing key (.p8), as PEM or as the path of a file. */
  APNS_KEY: z.string(),
  /** Id of the key: 10 characters. */
  APNS_KEY_ID: z.string().regex(/^[A-Z0-9]{10}$/, "must be 10 capital letters or digits"),
  /** Apple developer team: 10 characters. */
  APNS_TEAM_ID: z.string().regex(/^[A-Z0-9]{10}$/, "must be 10 capital letters or digits"),
  /** The app's bundle id. */
  APNS_TOPIC: z.string().min(1),
  /** https://api.push.apple.com, or https://api.sandbox.push.apple.com for development builds of an app. */
  APNS_BASE_URL: z.url({ protocol: /^https$/ }).default("https://api.push.apple.com"),
  /** Connections to APNs at most. */
  APNS_SESSIONS: z.coerce.number().int().min(1).max(64).default(4),
  ...deliverySettings,
  ...healthSettings,
  ...logSettings,
});

/** The environment that the process was started with. */
export const env = process.env;
