import { mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runProgram } from "../support/child-process.mjs";
import { isInstalled } from "../support/redis.mjs";
import { apns2, bareNodeHttp2 } from "../support/run-client.mjs";
import { mb, micros, rate, ratio, table } from "../support/tables.mjs";

export const title = "peers: the client that gorush stands on (Go), nothing recorded";
export const timeoutMs = 300_000;

const SOURCE = fileURLToPath(new URL("../peers/apns2", import.meta.url));

/** gorush itself takes no address of APNs but Apple's; its client library does. */
export async function run({ inScope, sink, quick, signal }) {
  if (!isInstalled("go")) return { skipped: "Go is not installed" };
  return inScope(async (scope) => {
    const dir = mkdtempSync(join(tmpdir(), "fanfare-bench-go-"));
    scope.own(dir, (made) => rmSync(made, { recursive: true, force: true }));
    const program = join(dir, "apns2");
    try {
      await runProgram("go", ["build", "-C", SOURCE, "-o", program, "."], {
        signal,
        env: goEnv(),
        killAfterMs: 180_000,
      });
    } catch (error) {
      signal.throwIfAborted();
      return { skipped: `it could not be built: ${error.message}` };
    }
    const count = quick ? 5_000 : 100_000;
    const bare = await bareNodeHttp2(sink, count, { signal });
    return { bare, clients: { "Go, sideshow/apns2": await apns2(sink, count, { signal, program }) } };
  });
}

/** Where Go keeps and finds modules, as the user has set it. */
function goEnv() {
  const given = Object.entries(process.env).filter(([name]) => /^(GO|HTTPS?_PROXY|NO_PROXY|SSL_CERT)/i.test(name));
  return { HOME: homedir(), ...Object.fromEntries(given) };
}

export function tables({ skipped, clients, bare }) {
  if (skipped) return [`skipped: ${skipped}`];
  const rows = Object.entries({ "bare node:http2": bare, ...clients }).map(([name, measured]) => [
    name,
    rate(measured.perSecond),
    ratio(measured.perSecond / bare.perSecond),
    micros(measured.cpuMicros),
    ratio(measured.cpuMicros / bare.cpuMicros),
    mb(measured.peakMemoryMb),
    measured.lost,
    measured.duplicates,
  ]);
  return [table(["client", "requests/s", "÷ bare", "CPU µs", "÷ bare", "peak RSS, MB", "lost", "duplicates"], rows)];
}
