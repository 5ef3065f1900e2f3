import { cpuSplit } from "./process-usage.mjs";
import { median } from "./statistics.mjs";
import { CONTENT, recipients } from "./tokens.mjs";

/** The most that one request may have. */
const PER_REQUEST = 10_000;

const POLL_MS = 20;

/** Operations that are sent, and where their recipients stand, so that a caller can wait for them. */
export async function sendAll(installation, count, prefix, signal) {
  const operationIds = [];
  const acceptedMs = [];
  for (let first = 0; first < count; first += PER_REQUEST) {
    signal.throwIfAborted();
    const to = recipients(prefix, first, Math.min(PER_REQUEST, count - first));
    const sentAt = performance.now();
    const { operationId } = await installation.send(to, CONTENT);
    acceptedMs.push(performance.now() - sentAt);
    operationIds.push(operationId);
  }
  return { operationIds, acceptedMs };
}

/** Waits until every operation is completed, and resolves with how many notifications are on record as sent. */
export async function allCompleted(installation, operationIds, signal) {
  let sent = 0;
  for (const id of operationIds) {
    for (;;) {
      signal.throwIfAborted();
      const { status, stats } = await installation.operation(id);
      if (status === "COMPLETED") {
        sent += stats.sent;
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  return sent;
}

/** Sends to many recipients and waits until each is on record; says what that took, by process, and what was lost or repeated. */
export async function blast({ installation, sink, count, prefix, signal }) {
  await sink.clear();
  const before = installation.usage();
  const sinkBefore = sink.usage();
  const begun = performance.now();
  const { operationIds, acceptedMs } = await sendAll(installation, count, prefix, signal);
  const recorded = await allCompleted(installation, operationIds, signal);
  const seconds = (performance.now() - begun) / 1_000;
  const sinkMicros = (sink.usage() - sinkBefore) / count;
  const split = cpuSplit(before, installation.usage(), count);
  const { tokens, duplicates } = await sink.counts();
  return {
    recipients: count,
    seconds,
    perSecond: count / seconds,
    acceptedMsMedian: median(acceptedMs),
    cpuMicros: split,
    sinkMicros,
    peakMemoryMb: installation.peakMemoryMb(),
    lost: count - Math.min(tokens, recorded),
    duplicates,
  };
}

/** What makes just-in-time compilers and caches ready, so that the first measurement is not of them. */
export async function warmUp({ installation, quick, signal }) {
  const { operationIds } = await sendAll(installation, quick ? 2_000 : 10_000, "warm", signal);
  await allCompleted(installation, operationIds, signal);
}
