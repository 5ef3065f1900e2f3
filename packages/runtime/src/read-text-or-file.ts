import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { isPlainlyPath } from "./is-plainly-path.js";
import { unquoted } from "./unquoted.js";

/** What a setting came to that is a text itself or the path of a file that holds it. */
export type TextOrFile =
  | { ok: true; text: string }
  /** `file`: the path as an error may show it. */
  | { ok: true; bytes: Buffer; file: string }
  /** The end of a sentence that begins with the setting's name, without a piece of what may be a secret. */
  | { ok: false; problem: string };

/** The longest path that Linux takes, in bytes. */
const PATH_MAX = 4_096;

const REASONS: Record<string, string> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EISDIR: "is a directory",
  EACCES: "may not be read by this process",
  EPERM: "may not be read by this process",
};

/** Without a file of that name, what does not look like a path is a text. */
const IS_NO_FILE = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"]);

/**
 * Reads a setting that is either a text itself or the path of a file that holds it: relative, absolute, beginning with `~/`, or as
 * `file://`. For what an operator sets alone: whoever else names a path would read this machine's files.
 */
export function readTextOrFile(setting: string): TextOrFile {
  if (IS_URL.test(unquoted(setting)))
    return { ok: false, problem: `${URL_FAULT} these ${setting.length} characters are a URL` };
  const path = pathIn(setting);
  if (path === undefined) return { ok: true, text: setting };
  const isPlain = isPlainlyPath(path);
  const file = isPlain ? `the file ${path}` : `the file whose path has ${path.length} characters`;
  try {
    const bytes = readFileSync(path.replace(/^~(?=\/)/, () => homedir()));
    return bytes.length > 0 ? { ok: true, bytes, file } : { ok: false, problem: `${file} is empty` };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (IS_NO_FILE.has(code) && !isPlain) return { ok: true, text: setting };
    return { ok: false, problem: `${file} ${REASONS[code] ?? `could not be read (${code})`}` };
  }
}

/** Of a file alone there is a URL that can be read. */
const IS_URL = /^(?!file:)[a-z][a-z0-9+.-]*:\/\//i;

const URL_FAULT = "must be a text itself or the path of a file;";

function pathIn(setting: string): string | undefined {
  const text = unquoted(setting);
  // A text has line ends; the path that anyone gives has none.
  if (text === "" || text.length > PATH_MAX || /[\p{Cc}{]|-----/u.test(text)) return undefined;
  if (!text.startsWith("file://")) return text;
  try {
    return fileURLToPath(text);
  } catch {
    // It names a host, or a path that can be none.
    return undefined;
  }
}
