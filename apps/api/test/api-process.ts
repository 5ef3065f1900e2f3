import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunningApi } from "./support.js";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** The API in a process of its own. */
export interface ApiProcess {
  child: ChildProcess;
  url: string;
  /** What it has printed so far. */
  output(): string;
  /** Resolves with its exit code, or with the signal that ended it. */
  exited: Promise<number | string | null>;
  /** Ends it if it still runs. */
  close(): Promise<void>;
}

/** Starts the API with the credentials of a running one; resolves once it is ready. Whoever starts it closes it. */
export async function startApiProcess(seeded: RunningApi, env: Record<string, string>): Promise<ApiProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), "fanfare-api-"));
  const child = fork(main, {
    env: {
      PATH: process.env.PATH,
      PORT: "0",
      FANFARE_DATA_DIR: dataDir,
      FANFARE_ACCOUNT_ID: seeded.account.user,
      FANFARE_AUTH_TOKEN: seeded.account.password,
      FANFARE_ADMIN_PASSWORD: seeded.operator.password,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (output += String(data)));
  const exited = new Promise<number | string | null>((resolve) =>
    child.once("exit", (code, signal) => resolve(signal ?? code)),
  );
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (message) => resolve((message as { url: string }).url));
    exited.then(() => reject(new Error(output)));
  });
  return {
    ...{ child, url, exited },
    output: () => output,
    async close() {
      child.kill("SIGKILL");
      await exited;
      rmSync(dataDir, { recursive: true });
    },
  };
}
