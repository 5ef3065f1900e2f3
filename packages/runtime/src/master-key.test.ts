import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import {
  addMasterKey,
  dropPreviousMasterKeys,
  ensureMasterKey,
  masterKeySettings,
  readMasterKeys,
} from "./master-key.js";
import { parseConfig } from "./parse-config.js";

const KEY = randomBytes(32);

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "fanfare-key-"));
});

afterEach(() => rmSync(dataDir, { recursive: true }));

test("without a key in the environment one is made once, in a file that only its owner can read", () => {
  const settings = { FANFARE_DATA_DIR: join(dataDir, "new") };
  const made = ensureMasterKey(settings);
  expect(made).toMatchObject({ created: true, previous: [] });
  expect(statSync(made.file as string).mode & 0o777).toBe(0o600);
  expect(ensureMasterKey(settings)).toEqual({ ...made, created: false });
});

test("a key in the environment is used, and no file is made", () => {
  const key = "ab".repeat(32);
  const settings = z.object(masterKeySettings).parse({ FANFARE_MASTER_KEY: key, FANFARE_DATA_DIR: dataDir });
  expect(ensureMasterKey(settings)).toEqual({ current: Buffer.from(key, "hex"), previous: [], created: false });
  expect(() => readMasterKeys({ FANFARE_DATA_DIR: dataDir })).toThrow("There is no master key");
});

test.each(["short", "a".repeat(63), Buffer.alloc(31).toString("base64")])(
  "a key that is not 32 bytes is refused",
  (text) => {
    expect(() => masterKeySettings.FANFARE_MASTER_KEY.parse(text)).toThrow("32 bytes");
  },
);

test.each([
  ["hexadecimal digits", KEY.toString("hex")],
  ["hexadecimal digits in quotes", `"${KEY.toString("hex")}"`],
  ["base64", KEY.toString("base64")],
  ["base64 in quotes, with a line end", `'${KEY.toString("base64")}'\n`],
  ["base64 with a byte order mark", `\ufeff${KEY.toString("base64")}`],
  ["base64url", KEY.toString("base64url")],
])("a key as %s is the same key, also in the file", (_form, text) => {
  expect(masterKeySettings.FANFARE_MASTER_KEY.parse(text)).toEqual(KEY);
  writeFileSync(join(dataDir, "master.key"), `${text}\r\n`);
  expect(readMasterKeys({ FANFARE_DATA_DIR: dataDir }).current).toEqual(KEY);
});

test("of a key that is refused the length is told and nothing else, and the line of the file that it is in", () => {
  const cut = KEY.toString("base64").slice(0, 30);
  const parsed = parseConfig(z.object(masterKeySettings), { FANFARE_MASTER_KEY: cut });
  expect(parsed).toEqual({
    ok: false,
    problems: [expect.stringMatching(/^FANFARE_MASTER_KEY: must be 32 bytes .* these 30 characters are not$/)],
  });
  writeFileSync(join(dataDir, "master.key"), `${KEY.toString("base64")}\n${cut}\n`);
  const read = () => readMasterKeys({ FANFARE_DATA_DIR: dataDir });
  expect(read).toThrow(/master\.key, line 2: must be 32 bytes .* these 30 characters are not/);
  expect(read).not.toThrow(cut);
});

test("a new key goes before the old one until the old one is dropped", () => {
  const settings = { FANFARE_DATA_DIR: dataDir };
  const { current: old, file } = ensureMasterKey(settings);
  const rotated = addMasterKey(settings);
  expect(rotated.previous).toEqual([old]);
  expect(rotated.current).not.toEqual(old);
  dropPreviousMasterKeys(settings);
  expect(readMasterKeys(settings)).toEqual({ current: rotated.current, previous: [], file });
  expect(
    readFileSync(file as string, "utf8")
      .trim()
      .split("\n"),
  ).toHaveLength(1);
});
