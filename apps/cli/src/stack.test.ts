import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStack } from "./stack.js";

test("an app that was not built is said before anything is started", async () => {
  const appsDir = mkdtempSync(join(tmpdir(), "fanfare-apps-"));
  for (const app of ["api", "fanout-worker", "apns-worker", "simulator"]) {
    mkdirSync(join(appsDir, app, "dist"), { recursive: true });
    writeFileSync(join(appsDir, app, "dist", "main.js"), "");
  }
  const dataDir = mkdtempSync(join(tmpdir(), "fanfare-data-"));
  const credentials = { accountId: "", authToken: "", adminPassword: "" };
  const tell = () => undefined;
  const starting = startStack({ dataDir, env: {}, credentials, appsDir, onLine: tell, onEvent: tell });
  await expect(starting).rejects.toThrow(/^The app fcm-worker is not built, .* is missing: run npm run build\.$/);
  expect(readdirSync(dataDir)).toEqual([]);
  for (const dir of [appsDir, dataDir]) rmSync(dir, { recursive: true });
});
