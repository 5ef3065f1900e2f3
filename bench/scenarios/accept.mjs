import { allCompleted, warmUp } from "../support/blast.mjs";
import { startInstallation } from "../support/installation.mjs";
import { latencySummary } from "../support/statistics.mjs";
import { ms, table } from "../support/tables.mjs";
import { CONTENT, recipients } from "../support/tokens.mjs";

export const title = "accept: from the request to its 202, one request at a time";
export const timeoutMs = 300_000;

const SIZES = [1, 1_000, 10_000];

export async function run({ backends, inScope, sink, quick, signal }) {
  const results = {};
  for (const backend of backends) {
    results[backend] = await inScope(async (scope) => {
      const installation = await startInstallation(scope, sink, { backend });
      await warmUp({ installation, quick, signal });
      const sizes = [];
      for (const size of SIZES) sizes.push(await measureSize(installation, size, { quick, signal }));
      return sizes;
    });
  }
  return { backends: results };
}

async function measureSize(installation, size, { quick, signal }) {
  const acceptedMs = [];
  const samples = quick ? 5 : size === 1 ? 200 : 30;
  for (let sample = 0; sample < samples; sample++) {
    const to = recipients(`a${size}s${sample}`, 0, size);
    const begun = performance.now();
    const { operationId } = await installation.send(to, CONTENT);
    acceptedMs.push(performance.now() - begun);
    // The workers are idle again before the next: this is the cost of accepting, not of accepting beside a delivery.
    await allCompleted(installation, [operationId], signal);
  }
  return { recipients: size, ...latencySummary(acceptedMs) };
}

export function tables({ backends }) {
  const head = ["queues on", "recipients", "median, ms", "p95, ms", "requests"];
  const rows = Object.entries(backends).flatMap(([backend, sizes]) =>
    sizes.map((size) => [backend, size.recipients, ms(size.p50), ms(size.p95), size.count]),
  );
  return [table(head, rows)];
}
