import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { accountSettings } from "./account-settings.js";
import { createSecretFile } from "./create-secret-file.js";
import { inDataDir } from "./in-data-dir.js";
import { makeFolder } from "./make-folder.js";
import { StartError } from "./start-error.js";

const credentialsSchema = z.object(accountSettings).required();

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
 *
 * @throws StartError when they can not be kept there, or what is there are none.
 */
export function localCredentials(dataDir: string): LocalCredentials {
  const created = inDataDir(dataDir, () => {
    makeFolder(dataDir);
    return createSecretFile(join(dataDir, FILE), makeCredentials);
  });
  return { ...(findLocalCredentials(dataDir) as LocalCredentials), created };
}

/** The credentials kept in the data directory; `undefined` when there are none. */
export function findLocalCredentials(dataDir: string): LocalCredentials | undefined {
  const file = join(dataDir, FILE);
  if (!existsSync(file)) return undefined;
  const text = inDataDir(dataDir, () => readFileSync(file, "utf8"), file);
  const { success, data: stored, error } = credentialsSchema.safeParse(parseEnv(text));
  if (!success) {
    const names = [...new Set(error.issues.map(({ path }) => String(path[0])))].join(", ");
    throw new StartError(
      `The file ${file} is damaged, for it must hold ${names} as they were written, each as NAME=value on a line of its own: restore it, or remove it to have new ones made.`,
      { mayHeal: false },
    );
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
