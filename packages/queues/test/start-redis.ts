import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, until } from "@fanfare/testkit";
import { Redis } from "ioredis";

/** A Redis of a test's own. Whoever starts it ends it. */
export interface RedisServer {
  port: number;
  url: string;
  /** A client of whoever runs it. */
  admin: Redis;
  /** As by `kill -STOP`: connections stay, and nothing is answered. */
  halt(): void;
  goOn(): void;
  /** As by `kill -9`. */
  kill(): Promise<void>;
  end(): Promise<void>;
}

/** Starts a Redis on a free port, with further settings as on its command line, and waits until it answers. */
export async function startRedis(...settings: string[]): Promise<RedisServer> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), "fanfare-redis-"));
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--save", ""];
  // A replica gets its copy at once, not after the 5 s in which others may come.
  args.push("--repl-diskless-sync-delay", "0", ...settings);
  const child = spawn("redis-server", args, { stdio: "ignore" });
  const url = `redis://127.0.0.1:${port}`;
  const admin = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  admin.on("error", () => undefined);
  await until(() => admin.ping());
  return {
    port,
    url,
    admin,
    halt: () => void child.kill("SIGSTOP"),
    goOn: () => void child.kill("SIGCONT"),
    kill: () => killed(child),
    async end() {
      admin.disconnect();
      await killed(child);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
