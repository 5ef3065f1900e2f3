import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { warmUp } from "../support/blast.mjs";
import { startInstallation } from "../support/installation.mjs";
import { LARGE_BODIES } from "../support/large-bodies.mjs";
import { mainThreadMs } from "../support/process-usage.mjs";
import { ms, table } from "../support/tables.mjs";

export const title = "bodies: what one request of up to 20 MB costs the API";
export const timeoutMs = 300_000;

/** How long what a request left behind is waited for, in milliseconds. */
const SETTLE_MS = 1_000;
const POLL_MS = 5;

export async function run({ inScope, sink, quick, signal }) {
  const folder = mkdtempSync(join(tmpdir(), "fanfare-bench-"));
  const file = join(folder, "loop.json");
  const recorder = new URL("../support/record-loop.mjs", import.meta.url);
  const env = { NODE_OPTIONS: `--import ${recorder}`, LOOP_FILE: file };
  try {
    return await inScope(async (scope) => {
      const installation = await startInstallation(scope, sink, { backend: "postgres", env });
      await warmUp({ installation, quick, signal });
      const bodies = [];
      for (const [what, make] of Object.entries(LARGE_BODIES)) {
        await sleep(SETTLE_MS, undefined, { signal });
        bodies.push({ what, ...(await measure(installation, Buffer.from(make()), file)) });
      }
      return { bodies };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure({ url, authorization, apiPid }, body, file) {
  await loopSince(apiPid, file);
  const loopBefore = mainThreadMs(apiPid);
  const begun = performance.now();
  const res = await fetch(`${url}/v1/PushNotifications`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body,
  });
  await res.text();
  const answeredMs = performance.now() - begun;
  const loopMs = mainThreadMs(apiPid) - loopBefore;
  return { bytes: body.length, status: res.status, answeredMs, loopMs, ...(await loopSince(apiPid, file)) };
}

/** What the API's event loop and memory did since the last time. */
async function loopSince(pid, file) {
  rmSync(file, { force: true });
  process.kill(pid, "SIGUSR2");
  while (!existsSync(file)) await sleep(POLL_MS);
  return JSON.parse(readFileSync(file, "utf8"));
}

export function tables({ bodies }) {
  const head = ["body", "MB", "status", "answered, ms", "event loop, ms of CPU", "longest block, ms", "peak RSS, MB"];
  const rows = bodies.map(({ what, bytes, status, answeredMs, loopMs, longestMs, peakMb }) => [
    ...[what, (bytes / 1e6).toFixed(1), status, ms(answeredMs), ms(loopMs), ms(longestMs), peakMb.toFixed(0)],
  ]);
  return [table(head, rows)];
}
