import { allCompleted, sendAll } from "../support/blast.mjs";
import { startInstallation } from "../support/installation.mjs";
import { latencySummary } from "../support/statistics.mjs";
import { ms, ratio, table } from "../support/tables.mjs";
import { CONTENT, recipients } from "../support/tokens.mjs";

export const title = "read: an operation and a page of its notifications, beside few rows and beside many";
export const timeoutMs = 900_000;

const PUSHES = "/v1/PushNotifications";

/** Reads are the same on either backend: no queue takes part. */
export async function run({ inScope, sink, quick, signal, note }) {
  return inScope(async (scope) => {
    const installation = await startInstallation(scope, sink, { backend: "postgres" });
    const few = await installation.send(recipients("few", 0, 10), CONTENT);
    await allCompleted(installation, [few.operationId], signal);
    const samples = quick ? 100 : 1_000;
    await measureReads(installation, few.operationId, samples);
    const small = await measureReads(installation, few.operationId, samples);
    const count = quick ? 20_000 : 1_000_000;
    note(`filling the tables with ${count} notifications …`);
    const { operationIds } = await sendAll(installation, count, "many", signal);
    await allCompleted(installation, operationIds, signal);
    const large = await measureReads(installation, operationIds.at(-1), samples);
    return {
      sizes: [
        { recipients: 10, ...small },
        { recipients: count, ...large },
      ],
      ratios: ratiosOf(large, small),
    };
  });
}

const READS = ["operation", "listPage"];

const ratiosOf = (large, small) => Object.fromEntries(READS.map((read) => [read, large[read].p50 / small[read].p50]));

/** By turns, so that what disturbs one disturbs the other. */
async function measureReads(installation, operationId, samples) {
  const paths = {
    operation: `${PUSHES}/Operations/${operationId}`,
    listPage: `${PUSHES}?${new URLSearchParams({ operationId, pageSize: "10" })}`,
  };
  const tookMs = { operation: [], listPage: [] };
  for (let sample = 0; sample < samples; sample++) {
    for (const read of READS) {
      const begun = performance.now();
      await installation.call("GET", paths[read]);
      tookMs[read].push(performance.now() - begun);
    }
  }
  return Object.fromEntries(READS.map((read) => [read, latencySummary(tookMs[read])]));
}

export function tables({ sizes, ratios }) {
  const names = sizes.map((size) => `at ${size.recipients}, ms`);
  const rows = READS.map((read) => [read, ...sizes.map((size) => ms(size[read].p50)), ratio(ratios[read])]);
  return [table(["GET, median", ...names, "ratio"], rows)];
}
