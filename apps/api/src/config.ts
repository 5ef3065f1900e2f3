import { ACCOUNT_ID_PATTERN } from "@fanfare/domain";
import { logSettings, storeSettings } from "@fanfare/runtime";
import { z } from "zod";

/** The API's settings. */
export const configSchema = z.object({
  /** TCP port of the API; 0 = any free one. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  /** Address to listen on. The default is reached from this machine only. */
  HOST: z.string().default("127.0.0.1"),
  /** Scheme and authority under which callers reach the API, for the URLs in its answers; absent: from each request. */
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/$/, ""))
    .optional(),
  /** Folder of what Fanfare keeps on disk. */
  FANFARE_DATA_DIR: z.string().default(".fanfare"),
  /** `AC` and 32 hexadecimal digits. Absent: made at first start, kept in the data directory. */
  FANFARE_ACCOUNT_ID: z
    .string()
    .regex(ACCOUNT_ID_PATTERN, "must be AC and 32 hexadecimal digits in lower case")
    .optional(),
  /** The account's secret. Absent: made at first start, kept in the data directory. */
  FANFARE_AUTH_TOKEN: z.string().min(16).optional(),
  /** Password of the user `admin` at /admin/queues. Absent: made at first start, kept in the data directory. */
  FANFARE_ADMIN_PASSWORD: z.string().min(8).optional(),
  ...storeSettings,
  ...logSettings,
  /** Largest request body, in bytes: 10,000 recipients with tokens of 1 KB take 11 MB. */
  BODY_LIMIT_BYTES: z.coerce.number().int().min(1_024).max(104_857_600).default(20_971_520),
});

/** The environment that the process was started with. */
export const env = process.env;
