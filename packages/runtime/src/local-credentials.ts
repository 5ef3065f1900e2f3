import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { createSecretFile } from "./create-secret-file.js";

const credentialsSchema = z.object({
  FANFARE_ACCOUNT_ID: z.string(),
  FANFARE_AUTH_TOKEN: z.string(),
  FANFARE_ADMIN_PASSWORD: z.string(),
});

const FILE = "credentials.env";

/** The account and passwords that were made at the first start of this installation. */
export interface LocalCredentials {
  accountId: string;
  authToken: string;
  adminPassword: string;
  /** Whether they were made just now. */
  created: boolean;
  /** Where they are kept; a shell can read it: `. .fanfare/credentials.env`. */
  file: string;
}

/**
 * The credentials kept in the data directory, made when there are none. Of several processes that start at once one
 * makes them and all get the same.
 */
export function localCredentials(dataDir: string): LocalCredentials {
  mkdirSync(dataDir, { recursive: true });
  const created = createSecretFile(join(dataDir, FILE), makeCredentials);
  return { ...(findLocalCredentials(dataDir) as LocalCredentials), created };
}

/** The credentials kept in the data directory; `undefined` when there are none. */
export function findLocalCredentials(dataDir: string): LocalCredentials | undefined {
  const file = join(dataDir, FILE);
  if (!existsSync(file)) return undefined;
  const { success, data: stored } = credentialsSchema.safeParse(parseEnv(readFileSync(file, "utf8")));
  if (!success) {
    const names = Object.keys(credentialsSchema.shape).join(", ");
    throw new Error(`The file ${file} must hold ${names}, each as NAME=value on a line of its own.`);
  }
  return {
    accountId: stored.FANFARE_ACCOUNT_ID,
    authToken: stored.FANFARE_AUTH_TOKEN,
    adminPassword: stored.FANFARE_ADMIN_PASSWORD,
    created: false,
    file,
  };
}

function makeCredentials(): string {
  const lines = [
    `FANFARE_ACCOUNT_ID=AC${randomBytes(16).toString("hex")}`,
    `FANFARE_AUTH_TOKEN=${randomBytes(24).toString("hex")}`,
    `FANFARE_ADMIN_PASSWORD=${randomBytes(12).toString("hex")}`,
  ];
  return `${lines.join("\n")}\n`;
}
