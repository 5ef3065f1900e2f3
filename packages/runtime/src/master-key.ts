import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { createSecretFile } from "./create-secret-file.js";
import { inDataDir } from "./in-data-dir.js";
import { makeFolder } from "./make-folder.js";
import { StartError } from "./start-error.js";
import { unquoted } from "./unquoted.js";

const KEY_BYTES = 32;
const FILE = "master.key";

/** 32 bytes as 64 hexadecimal digits or as base64. */
const masterKeySchema = z.string().transform((text, ctx) => {
  const key = decodeKey(text);
  if (key.length === KEY_BYTES) return key;
  ctx.addIssue({ code: "custom", message: `${EXPECTED}; these ${text.length} characters are not` });
  return z.NEVER;
});

const EXPECTED = `must be ${KEY_BYTES} bytes as ${2 * KEY_BYTES} hexadecimal digits or as base64`;

function decodeKey(text: string): Buffer {
  const plain = unquoted(text);
  return Buffer.from(plain, /^[0-9a-f]{64}$/i.test(plain) ? "hex" : "base64");
}

/** Settings of every process that reads or writes provider keys. */
export const masterKeySettings = {
  /** What provider keys are encrypted under: 32 bytes, base64 or hexadecimal. Absent: a key file in the data directory. */
  FANFARE_MASTER_KEY: masterKeySchema.optional(),
  /** The master key before that one, until `fanfare rotate-master-key` has run. */
  FANFARE_MASTER_KEY_PREVIOUS: masterKeySchema.optional(),
  /** Folder of what Fanfare keeps on disk. */
  FANFARE_DATA_DIR: z.string().default(".fanfare"),
};

/** What {@link readMasterKeys} reads. */
export interface MasterKeySettings {
  FANFARE_MASTER_KEY?: Buffer | undefined;
  FANFARE_MASTER_KEY_PREVIOUS?: Buffer | undefined;
  FANFARE_DATA_DIR: string;
}

/** The master keys at hand, and the file that they come from; none when the environment gives them. */
export interface MasterKeys {
  current: Buffer;
  previous: Buffer[];
  file?: string;
}

/**
 * Reads the master keys anew, so that a rotation is seen without a restart.
 *
 * @throws StartError when the environment gives none and there is no key file that can be read.
 */
export function readMasterKeys({
  FANFARE_MASTER_KEY: current,
  FANFARE_MASTER_KEY_PREVIOUS: previous,
  FANFARE_DATA_DIR: dataDir,
}: MasterKeySettings): MasterKeys {
  if (current) return { current, previous: previous ? [previous] : [] };
  const file = join(dataDir, FILE);
  if (!existsSync(file)) {
    throw new StartError(
      `There is no master key: set FANFARE_MASTER_KEY, or share the file ${file} that the API makes.`,
    );
  }
  const text = inDataDir(dataDir, () => readFileSync(file, "utf8"), file).trim();
  if (text === "") throw new StartError(`The key file ${file} is empty: ${RESTORE}.`, { mayHeal: false });
  const [first, ...others] = text.split("\n").map((line, index) => readLine(line, `${file}, line ${index + 1}`));
  return { current: first as Buffer, previous: others, file };
}

const RESTORE =
  "restore it from a copy, or set FANFARE_MASTER_KEY; only where no provider key is stored yet it may be removed, and is made anew";

function readLine(line: string, where: string): Buffer {
  const key = decodeKey(line);
  if (key.length === KEY_BYTES) return key;
  const fault = `The key file ${where}: ${EXPECTED}; these ${line.length} characters are not`;
  throw new StartError(`${fault}: ${RESTORE}.`, { mayHeal: false });
}

/** Makes the key file at first start, unless the environment gives a key. Of several processes one makes it. */
export function ensureMasterKey(settings: MasterKeySettings): MasterKeys & { created: boolean } {
  const created = !settings.FANFARE_MASTER_KEY && createFile(settings.FANFARE_DATA_DIR);
  return { ...readMasterKeys(settings), created };
}

function createFile(dataDir: string): boolean {
  return inDataDir(dataDir, () => {
    makeFolder(dataDir);
    return createSecretFile(join(dataDir, FILE), () => linesOf([randomBytes(KEY_BYTES)]));
  });
}

/** Puts a new key before the ones in the key file; what was sealed under these can still be opened. */
export function addMasterKey(settings: MasterKeySettings): MasterKeys {
  const { file, current, previous } = fileKeys(settings);
  replaceFile(file, [randomBytes(KEY_BYTES), current, ...previous]);
  return readMasterKeys(settings);
}

/** Leaves only the first key in the key file. */
export function dropPreviousMasterKeys(settings: MasterKeySettings): void {
  const { file, current } = fileKeys(settings);
  replaceFile(file, [current]);
}

function fileKeys(settings: MasterKeySettings): MasterKeys & { file: string } {
  const { file, ...keys } = readMasterKeys(settings);
  if (file === undefined) throw new StartError("FANFARE_MASTER_KEY is set: there is no key file to change.");
  return { ...keys, file };
}

function replaceFile(file: string, keys: readonly Buffer[]): void {
  const draft = `${file}.${process.pid}`;
  inDataDir(dirname(file), () => {
    writeFileSync(draft, linesOf(keys), { mode: 0o600 });
    renameSync(draft, file);
  });
}

function linesOf(keys: readonly Buffer[]): string {
  return keys.map((key) => `${key.toString("base64")}\n`).join("");
}
