import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@fanfare/testkit";
import { startProcess } from "./child-process.mjs";

/** Whether a program is installed. */
export function isInstalled(program) {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Starts a Redis with the settings that Fanfare asks for, and nothing in it. */
export async function startRedis() {
  const dir = mkdtempSync(join(tmpdir(), "fanfare-bench-redis-"));
  const port = await freePort();
  const settings = ["--port", port, "--bind", "127.0.0.1", "--dir", dir, "--maxmemory-policy", "noeviction"];
  const args = [...settings, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"].map(String);
  const child = await startProcess("redis-server", args, { readyLine: /Ready to accept connections/ });
  return {
    url: `redis://127.0.0.1:${port}/0`,
    port,
    pid: child.pid,
    async stop() {
      await child.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
