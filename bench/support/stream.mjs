import { runScript } from "./child-process.mjs";
import { cpuSplit } from "./process-usage.mjs";
import { latencySummary } from "./statistics.mjs";

const PUSHES = "/v1/PushNotifications";

/** How long what was accepted may take to be on record, in seconds, before it counts as lost. */
const DRAIN_SECONDS = 60;

let runs = 0;

/**
 * Sends one-recipient requests for some seconds: at `rate` a second, or without it one after the other on each connection. Waits
 * until every push that was accepted is on record. Latencies are from when a request was due until the sink had its push.
 */
export async function stream({ installation, sink, rate, seconds, connections = 64, signal }) {
  await sink.clear();
  const prefix = `s${++runs}r`;
  const before = await installation.countSent();
  const cpuBefore = installation.usage();
  const load = await generateLoad(
    { url: installation.url, ...pushes(installation), rate, seconds, connections, prefix },
    signal,
  );
  const drainSeconds = await recorded(installation, before + load.accepted, signal);
  const cpuAfter = installation.usage();
  const receipts = await sink.receipts(prefix);
  const { duplicates } = await sink.counts();
  const providerMs = [];
  for (const [token, atMicros] of receipts)
    providerMs.push((atMicros - load.dueMicros[Number(token.split("-")[1])]) / 1e3);
  const split = cpuSplit(cpuBefore, cpuAfter, load.accepted);
  return {
    offeredPerSecond: rate,
    accepted: load.accepted,
    refused: load.refused,
    perSecond: load.accepted / (load.seconds + drainSeconds),
    drainSeconds,
    cpuMicros: split,
    acceptMs: latencySummary(load.answerMs.filter((answered) => answered !== null)),
    providerMs: latencySummary(providerMs),
    lost: load.accepted - receipts.size,
    duplicates,
  };
}

const pushes = ({ authorization }) => ({ path: PUSHES, authorization });

/** Runs the generator in a process of its own. */
export function generateLoad(task, signal) {
  return runScript("support/generate-load.mjs", task, { signal });
}

async function recorded(installation, count, signal) {
  const begun = performance.now();
  for (;;) {
    const passed = (performance.now() - begun) / 1_000;
    if ((await installation.countSent()) >= count) return passed;
    if (passed > DRAIN_SECONDS)
      throw new Error(`Of ${count} pushes only ${await installation.countSent()} are on record.`);
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
