import { ACCOUNT_ID_PATTERN } from "@fanfare/domain";
import { baseUrlSetting, databaseUrl, masterKeySettings, oneRedis, redisSettings } from "@fanfare/runtime";
import { z } from "zod";

/** The settings of the `fanfare` command itself; `fanfare start` passes the rest of the environment on to the apps. */
export const configSchema = oneRedis(
  z.object({
    /** TCP port of the API. */
    PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
    /** `AC` and 32 hexadecimal digits. Absent: made at first start, kept in the data directory. */
    FANFARE_ACCOUNT_ID: z
      .string()
      .regex(ACCOUNT_ID_PATTERN, "must be AC and 32 hexadecimal digits in lower case")
      .optional(),
    /** The account's secret. Absent: made at first start, kept in the data directory. */
    FANFARE_AUTH_TOKEN: z.string().min(16).optional(),
    /** Password of the user `admin` at /admin/queues. Absent: made at first start, kept in the data directory. */
    FANFARE_ADMIN_PASSWORD: z.string().min(8).optional(),
    /** Where `fanfare send` and `fanfare watch` find the API; absent: http://127.0.0.1:PORT. */
    FANFARE_URL: baseUrlSetting.optional(),
    /** Postgres; absent: `fanfare start` runs an embedded one in the data directory. */
    DATABASE_URL: databaseUrl.optional(),
    ...redisSettings,
    ...masterKeySettings,
    /** FCM service account, as JSON, as base64 of it, or as the path of a file. Neither it nor APNS_KEY: the simulator is the provider. */
    FCM_SERVICE_ACCOUNT: z.string().optional(),
    /** APNs signing key (.p8), as PEM, as base64 of it, or as the path of a file. */
    APNS_KEY: z.string().optional(),
  }),
);

/** See {@link configSchema}. */
export type CliConfig = z.infer<typeof configSchema>;

/** The environment that the process was started with. */
export const env = process.env;
