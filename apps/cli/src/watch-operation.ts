import type { OperationResource } from "@fanfare/domain";
import { Presets, SingleBar } from "cli-progress";
import type { ApiClient } from "./api-client.js";

const POLL_MS = 100;

/**
 * Shows an operation's progress until it is finished, and returns it. `onPoll` sees every state on the way.
 * @throws Error when it is not finished within `timeoutMs`.
 */
export async function watchOperation(
  api: ApiClient,
  operationId: string,
  onPoll: (operation: OperationResource) => void = () => undefined,
  timeoutMs = Number.POSITIVE_INFINITY,
): Promise<OperationResource> {
  const bar = new SingleBar(
    {
      format:
        " {bar} {percentage}% | {done}/{total} done | {sent} sent, {undelivered} undelivered, {failed} failed | {attempts} attempts | {duration_formatted}",
      // Where there is no terminal (a log, CI) a line now and then takes the bar's place.
      noTTYOutput: true,
      notTTYSchedule: 1_000,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  const giveUpAt = performance.now() + timeoutMs;
  let started = false;
  try {
    for (;;) {
      const operation = await api.operation(operationId);
      onPoll(operation);
      const { stats } = operation;
      const done = stats.total - stats.queued - stats.scheduled;
      if (!started) bar.start(stats.total, 0, { ...stats, done });
      started = true;
      bar.update(done, { ...stats, done });
      if (operation.status === "COMPLETED" || operation.status === "CANCELED") return operation;
      if (performance.now() > giveUpAt)
        throw new Error(`The operation did not complete within ${timeoutMs / 1_000} s.`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    if (started) bar.stop();
  }
}
