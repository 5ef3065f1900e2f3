import { ACCOUNT_ID_PATTERN } from "@fanfare/domain";
import { z } from "zod";

/** Who may use an installation from its start. Each is made at first start where it is absent, and kept in the data directory. */
export const accountSettings = {
  /** `AC` and 32 hexadecimal digits. */
  FANFARE_ACCOUNT_ID: z
    .string()
    .regex(ACCOUNT_ID_PATTERN, "must be AC and 32 hexadecimal digits in lower case")
    .optional(),
  /** The account's secret. */
  FANFARE_AUTH_TOKEN: z.string().min(16).optional(),
  /** Password of the operator, user `admin`. */
  FANFARE_ADMIN_PASSWORD: z.string().min(8).optional(),
};
