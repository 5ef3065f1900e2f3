// Preloaded into the API: at each SIGUSR2 it writes what its event loop and its memory did since the one before into the file LOOP_FILE.
import { renameSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import process from "node:process";

const RESOLUTION_MS = 5;
const SAMPLE_MS = 10;

if (/apps.api.dist/.test(process.argv[1] ?? "")) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let peakBytes = 0;
  delay.enable();
  setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }, SAMPLE_MS).unref();

  process.on("SIGUSR2", () => {
    const peakMb = Math.max(peakBytes, process.memoryUsage.rss()) / 1e6;
    const file = process.env.LOOP_FILE;
    writeFileSync(`${file}.part`, JSON.stringify({ longestMs: delay.max / 1e6, peakMb }));
    renameSync(`${file}.part`, file);
    peakBytes = 0;
    delay.reset();
  });
}
