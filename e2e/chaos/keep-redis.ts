import { type ChildProcess, spawn } from "node:child_process";
import { until } from "@fanfare/testkit";
import { Redis } from "ioredis";

/** A Redis that is started again on the same port, empty, whenever it dies. */
export interface KeptRedis {
  url: string;
  readonly pid: number | undefined;
  /** Forgets everything, once it answers. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a Redis that keeps nothing on disk. Whoever starts it stops it. */
export async function keepRedis(port: string, dir: string, onEvent: (event: string) => void): Promise<KeptRedis> {
  const url = `redis://127.0.0.1:${port}`;
  const args = ["--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no"];
  let stopping = false;
  let child: ChildProcess;
  let exited: Promise<void>;

  const start = () => {
    child = spawn("redis-server", args, { stdio: "ignore" });
    exited = new Promise((resolve) => {
      child.once("error", (error) => onEvent(`could not be run: ${error.message}`));
      child.once("close", (code, signal) => {
        resolve();
        if (stopping) return;
        onEvent(`died (${signal ?? `exit code ${code}`}); starting it again`);
        start();
      });
    });
  };
  start();
  // However this process ends, it leaves none behind.
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on("error", () => undefined);
  await until(async () => (await client.ping()) === "PONG", { describe: "An answer of Redis" });

  return {
    url,
    get pid() {
      return child.pid;
    },
    flush: async () => void (await client.flushall()),
    async stop() {
      stopping = true;
      client.disconnect();
      process.off("exit", kill);
      kill();
      await exited;
    },
  };
}
