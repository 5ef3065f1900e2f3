import { CREDENTIAL_PROVIDERS } from "@fanfare/domain";
import { Prisma } from "./generated/prisma/client.js";

const cases = Object.entries(CREDENTIAL_PROVIDERS).map(([type, provider]) => `when '${type}' then '${provider}'`);

/** Which provider a credential, named `c`, is for. */
export const CREDENTIAL_PROVIDER = Prisma.raw(`(case c.type ${cases.join(" ")} end)::provider`);
