import {
  ACCOUNT_PAIR,
  API_KEY_PAIR,
  accountSettings,
  baseUrlSetting,
  databaseUrl,
  MASTER_KEY_PAIR,
  masterKeySettings,
  oneRedis,
  redisSettings,
  SIGNING_KEY_PAIR,
  wholePairs,
} from "@fanfare/runtime";
import { z } from "zod";

const settings = z.object({
  /** TCP port of the API. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  /** Address that the API listens on. */
  HOST: z.string().default("127.0.0.1"),
  ...accountSettings,
  /** API key that the commands use in place of the account. */
  FANFARE_API_KEY: z.string().optional(),
  FANFARE_API_KEY_SECRET: z.string().optional(),
  /** Where `fanfare send` and `fanfare watch` find the API; absent: where HOST and PORT have it on this machine. */
  FANFARE_URL: baseUrlSetting.optional(),
  /** Postgres; absent: `fanfare start` runs an embedded one in the data directory. */
  DATABASE_URL: databaseUrl.optional(),
  ...redisSettings,
  ...masterKeySettings,
  /** FCM service account, as JSON, as base64 of it, or as the path of a file. Neither it nor APNS_KEY: the simulator is the provider. */
  FCM_SERVICE_ACCOUNT: z.string().optional(),
  /** APNs signing key (.p8), as PEM, as base64 of it, or as the path of a file. */
  APNS_KEY: z.string().optional(),
  /** What goes with it. The API says what form each has. */
  APNS_KEY_ID: z.string().optional(),
  APNS_TEAM_ID: z.string().optional(),
  APNS_TOPIC: z.string().optional(),
});

/** The settings of the `fanfare` command itself; `fanfare start` passes the rest of the environment on to the apps. */
export const configSchema = wholePairs(oneRedis(settings), {
  ...ACCOUNT_PAIR,
  ...API_KEY_PAIR,
  ...MASTER_KEY_PAIR,
  ...SIGNING_KEY_PAIR,
});

/** See {@link configSchema}. */
export type CliConfig = z.infer<typeof configSchema>;

/** The environment that the process was started with. */
export const env = process.env;
