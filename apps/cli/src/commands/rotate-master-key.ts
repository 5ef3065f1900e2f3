import { connectDb, recordAuditEvent, resealCredentials } from "@fanfare/db";
import { addMasterKey, dropPreviousMasterKeys, readMasterKeys } from "@fanfare/runtime";
import { CommandError } from "../command-error.js";
import type { CliConfig } from "../config.js";
import { findDatabase } from "../find-database.js";

/**
 * `fanfare rotate-master-key`: puts every credential under the new master key. With a key file the new key is made here;
 * with FANFARE_MASTER_KEY it is that one, and FANFARE_MASTER_KEY_PREVIOUS the old one, in every process already.
 */
export async function rotateMasterKey(config: CliConfig): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const databaseUrl = await findDatabase(config);
  const usesFile = config.FANFARE_MASTER_KEY === undefined;
  if (!usesFile && config.FANFARE_MASTER_KEY_PREVIOUS === undefined) {
    throw new CommandError("Set FANFARE_MASTER_KEY to the new key and FANFARE_MASTER_KEY_PREVIOUS to the present one.");
  }
  const db = connectDb(databaseUrl);
  let keys = readMasterKeys(config);
  try {
    // No key is made while one is missing: all has to open with those that there are.
    await resealCredentials(db, keys);
    if (usesFile) keys = addMasterKey(config);
    let sum = 0;
    // Again until nothing is left: a process may have sealed with the old key a moment ago.
    for (;;) {
      const { total, changed } = await resealCredentials(db, keys);
      sum += changed;
      if (changed > 0) continue;
      print(`${sum} of ${total} credentials were put under the new master key.`);
      break;
    }
    const event = { accountId: null, actor: "admin", action: "master-key.rotated", target: "master key" } as const;
    await recordAuditEvent(db, { ...event, address: null });
  } finally {
    await db.$disconnect();
  }
  if (usesFile) {
    dropPreviousMasterKeys(config);
    print(`The old key is gone from ${keys.file}: keep a copy of the file.`);
  } else {
    print("FANFARE_MASTER_KEY_PREVIOUS can be taken away now.");
  }
}
