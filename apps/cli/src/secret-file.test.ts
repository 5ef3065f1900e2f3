import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withSecretFile } from "./secret-file.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "fanfare-secret-file-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const made = async () => ({ name: "AC1", content: "FANFARE_AUTH_TOKEN=hush\n" });

test("a secret goes into a file that its owner alone reads, and no file is overwritten", async () => {
  await withSecretFile({ dir }, made);
  await withSecretFile({ dir }, async () => ({ name: "AC1", content: "second\n" }));
  expect(readdirSync(dir).sort()).toEqual(["AC1-2.env", "AC1.env"]);
  expect(readFileSync(join(dir, "AC1.env"), "utf8")).toBe("FANFARE_AUTH_TOKEN=hush\n");
  expect(statSync(join(dir, "AC1.env")).mode & 0o777).toBe(0o600);
});

test("where no file can be written, none is asked for: the secret would be lost", async () => {
  let asked = 0;
  const ask = () => {
    asked++;
    return made();
  };
  const out = join(dir, "mine.env");
  writeFileSync(out, "mine");
  await expect(withSecretFile({ dir, out }, ask)).rejects.toThrow(`${out} exists already: name another file.`);
  await expect(withSecretFile({ dir: join(out, "folder") }, ask)).rejects.toThrow(/^No file can be made in .*--out\.$/);
  const link = join(dir, "link.env");
  symlinkSync(join(dir, "nowhere"), link);
  await expect(withSecretFile({ dir, out: link }, ask)).rejects.toThrow(`${link} exists already: name another file.`);
  await expect(withSecretFile({ dir, out: "" }, ask)).rejects.toThrow("--out names no file.");
  expect(asked).toBe(0);
  expect(readFileSync(out, "utf8")).toBe("mine");
});

test("of a secret that was not made nothing is left", async () => {
  const refused = withSecretFile({ dir }, async () => {
    throw new Error("refused");
  });
  await expect(refused).rejects.toThrow("refused");
  expect(readdirSync(dir)).toEqual([]);
});
