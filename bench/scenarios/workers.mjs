import { blast, warmUp } from "../support/blast.mjs";
import { startInstallation } from "../support/installation.mjs";
import { mb, micros, rate, ratio, table } from "../support/tables.mjs";

export const title = "workers: the same blast with 1, 2 and 4 processes of each worker";
export const timeoutMs = 600_000;

const WORKERS = [1, 2, 4];

export async function run({ backends, inScope, sink, quick, signal, note }) {
  const results = {};
  for (const backend of backends) {
    results[backend] = [];
    for (const workers of quick ? WORKERS.slice(0, 2) : WORKERS) {
      note(`${backend}: ${workers} of each worker …`);
      const measured = await inScope(async (scope) => {
        const installation = await startInstallation(scope, sink, { backend, workers });
        await warmUp({ installation, quick, signal });
        return blast({ installation, sink, count: quick ? 4_000 : 100_000, prefix: `w${workers}`, signal });
      });
      results[backend].push({ workers, ...measured });
    }
  }
  return { backends: results };
}

export function tables({ backends }) {
  const head = ["queues on", "of each", "pushes/s", "÷ 1 of each", "CPU µs", "peak RSS, MB", "lost", "duplicates"];
  const rows = Object.entries(backends).flatMap(([backend, measured]) =>
    measured.map((blasted) => [
      backend,
      blasted.workers,
      rate(blasted.perSecond),
      ratio(blasted.perSecond / measured[0].perSecond),
      micros(blasted.cpuMicros.total),
      mb(Math.max(...Object.values(blasted.peakMemoryMb))),
      blasted.lost,
      blasted.duplicates,
    ]),
  );
  return [table(head, rows)];
}
