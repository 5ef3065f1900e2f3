import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inDataDir } from "./in-data-dir.js";
import { makeFolder } from "./make-folder.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "fanfare-in-data-dir-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

test("a data directory that is a file is said in a sentence with the setting to change", () => {
  const file = join(dir, "file");
  writeFileSync(file, "");
  const sentence = `The data directory ${file} can not be used, it is a file and no folder: set FANFARE_DATA_DIR to a folder where this user may write.`;
  expect(() => inDataDir(file, () => makeFolder(file))).toThrow(sentence);
});

test("where no folder can be made none is waited for", () => {
  // No system lets a folder be made there.
  expect(() => inDataDir("/proc/fanfare/data", () => makeFolder("/proc/fanfare/data"))).toThrow(
    /^The data directory \/proc\/fanfare\/data can not be used, .* \(at \/proc.*\): set FANFARE_DATA_DIR /,
  );
});

test("a folder is made with those that it is in", () => {
  const folder = join(dir, "a", "b", "c");
  makeFolder(folder);
  makeFolder(folder);
  expect(readdirSync(folder)).toEqual([]);
});

test("what the system refuses later is said too, with where", async () => {
  const work = async () => readFileSync(dir);
  await expect(inDataDir(join(dir, "data"), work)).rejects.toMatchObject({
    message: expect.stringContaining(`where a file should be is a folder`),
    exitCode: 78,
  });
});

test("a full disk may heal, and other errors are left as they are", () => {
  const full = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  const fail = (error: Error) => () =>
    inDataDir(dir, () => {
      throw error;
    });
  expect(fail(full)).toThrow(expect.objectContaining({ exitCode: 1, retryable: true, cause: full }));
  const bug = new TypeError("x is no function");
  expect(fail(bug)).toThrow(bug);
});
