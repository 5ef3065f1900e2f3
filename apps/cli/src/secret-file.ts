import { closeSync, constants, copyFileSync, lstatSync, openSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { makeFolder } from "@fanfare/runtime";
import { CommandError } from "./command-error.js";

/** Where a secret is kept. */
export interface SecretPlace {
  /** Folder of the file when none is named; made if missing. */
  dir: string;
  /** The file; absent: one in the folder that is named after what the secret is of. */
  out?: string | undefined;
}

/** A secret that was just made, and the name of what it is of. */
export interface MadeSecret {
  name: string;
  content: string;
}

/**
 * Puts a secret that is shown this once into a file that only its owner reads, and says where; a terminal sees it too. The file is
 * begun before the secret is made: where none can be written, none is made and lost. No file is overwritten.
 */
export async function withSecretFile({ dir, out }: SecretPlace, make: () => Promise<MadeSecret>): Promise<void> {
  const folder = out === undefined ? dir : dirname(out);
  const draft = join(folder, `.fanfare-secret.${process.pid}`);
  const handle = begin(folder, draft, out);
  try {
    const { name, content } = await make().catch((error: unknown) => {
      rmSync(draft);
      throw error;
    });
    writeSync(handle, content);
    const file = place(draft, out === undefined ? candidates(dir, name) : [out]);
    rmSync(draft);
    if (process.stdout.isTTY) process.stdout.write(content);
    process.stdout.write(
      `${name} is in ${resolve(file)}, which only you can read; keep it, for it is not shown again.\n`,
    );
  } finally {
    closeSync(handle);
  }
}

function begin(folder: string, draft: string, out: string | undefined): number {
  if (out === "") throw new CommandError("--out names no file.");
  // A link to nothing is there too.
  const isThere = out !== undefined && lstatSync(out, { throwIfNoEntry: false }) !== undefined;
  if (isThere) throw new CommandError(`${out} exists already: name another file.`);
  try {
    makeFolder(folder);
    return openSync(draft, "wx", 0o600);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const setting =
      out === undefined
        ? "set FANFARE_DATA_DIR to a folder where you may write, or name one with"
        : "name another one with";
    throw new CommandError(`No file can be made in ${resolve(folder)} (${code ?? message}): ${setting} --out.`, {
      cause,
    });
  }
}

/** The draft under the first name that is free. @throws CommandError that says where the secret is left when there is none */
function place(draft: string, names: Iterable<string>): string {
  for (const file of names) {
    try {
      copyFileSync(draft, file, constants.COPYFILE_EXCL);
      return file;
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code === "EEXIST") continue;
      throw new CommandError(`${file} could not be made (${code ?? message}); the secret is in ${resolve(draft)}.`, {
        cause,
      });
    }
  }
  throw new CommandError(`The file was made by somebody else meanwhile; the secret is in ${resolve(draft)}.`);
}

/** `<id>.env`, and what is free beside it: an account has a new token now and then. */
function* candidates(dir: string, name: string): Iterable<string> {
  yield join(dir, `${basename(name)}.env`);
  for (let number = 2; ; number++) yield join(dir, `${basename(name)}-${number}.env`);
}
