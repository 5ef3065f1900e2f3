import { writeFileSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findLocalCredentials, localCredentials } from "./local-credentials.js";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "fanfare-credentials-"));
});
afterEach(() => rm(dir, { recursive: true }));

test("they are made once, and only their owner can read them", async () => {
  const first = localCredentials(dir);
  expect(first.created).toBe(true);
  expect(first.accountId).toMatch(/^AC[0-9a-f]{32}$/);
  expect((await stat(first.file)).mode & 0o777).toBe(0o600);
  expect(localCredentials(dir)).toEqual({ ...first, created: false });
});

test("a file that is damaged is named, and nothing of what is in it", () => {
  const { file, authToken } = localCredentials(dir);
  writeFileSync(file, `FANFARE_AUTH_TOKEN=${authToken}\n`);
  expect(() => findLocalCredentials(dir)).toThrow(
    /credentials\.env is damaged, for it must hold FANFARE_ACCOUNT_ID, FANFARE_ADMIN_PASSWORD as they were written/,
  );
  expect(() => findLocalCredentials(dir)).not.toThrow(authToken);
});

test("looking for them makes none", () => {
  expect(findLocalCredentials(dir)).toBeUndefined();
  const { created, ...made } = localCredentials(dir);
  expect(findLocalCredentials(dir)).toEqual({ ...made, created: !created });
});
