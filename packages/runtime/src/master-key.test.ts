import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
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
