import { setTimeout } from "node:timers/promises";
import type { OperationResource } from "@fanfare/domain";
import { Presets, SingleBar } from "cli-progress";
import type { ApiClient } from "./api-client.js";
import { ApiError } from "./api-error.js";
import { CommandError } from "./command-error.js";

/** How an operation is watched. */
export interface WatchOptions {
  /** Sees every state on the way. */
  onPoll?: (operation: OperationResource) => void;
  /** When it has to be finished, in milliseconds. @default never */
  timeoutMs?: number;
  /** How long the API may be away, in milliseconds. @default 30,000 */
  awayMs?: number;
  /** Told once of each time that the API is away. */
  onAway?: (problem: string) => void;
}

const POLL_MS = 100;

/** Between two tries while the API is away, in milliseconds. */
const AWAY_PAUSE_MS = 500;

/**
 * Shows an operation's progress until it is finished, and returns it. While the API is away for a short time it goes on trying.
 *
 * @throws CommandError when it is not finished in time, and ApiError when the API stays away or refuses.
 */
export async function watchOperation(
  api: Pick<ApiClient, "operation">,
  operationId: string,
  { onPoll = () => undefined, timeoutMs = Number.POSITIVE_INFINITY, awayMs = 30_000, onAway }: WatchOptions = {},
): Promise<OperationResource> {
  const bar = createBar();
  const giveUpAt = performance.now() + timeoutMs;
  const ask = patiently(() => api.operation(operationId), awayMs, onAway);
  let started = false;
  try {
    for (;;) {
      const operation = await ask();
      onPoll(operation);
      const { stats } = operation;
      const done = stats.total - stats.queued - stats.scheduled;
      if (!started) bar.start(stats.total, 0, { ...stats, done });
      started = true;
      bar.update(done, { ...stats, done });
      if (operation.status === "COMPLETED" || operation.status === "CANCELED") return operation;
      if (performance.now() > giveUpAt)
        throw new CommandError(`The operation did not complete within ${timeoutMs / 1_000} s.`);
      await setTimeout(POLL_MS);
    }
  } finally {
    if (started) bar.stop();
  }
}

function createBar(): SingleBar {
  return new SingleBar(
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
}

/** Asks again while the API says that it may answer later, or says nothing; for so long in a row. */
function patiently<Answer>(ask: () => Promise<Answer>, awayMs: number, onAway: WatchOptions["onAway"]) {
  return async () => {
    let awaySince: number | undefined;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof ApiError) || !error.retryable) throw error;
        if (awaySince === undefined) onAway?.(`${error.message} Trying again, for ${awayMs / 1_000} s at most.`);
        awaySince ??= performance.now();
        const pauseMs = error.retryAfterMs ?? AWAY_PAUSE_MS;
        if (performance.now() + pauseMs - awaySince > awayMs) throw error;
        await setTimeout(pauseMs);
      }
    }
  };
}

/** What an operation that is finished did not send, in a sentence; `undefined` when every recipient was sent to. */
export function describeUnsent({ id, status, stats }: OperationResource): string | undefined {
  const sent = stats.sent + stats.delivered + stats.read;
  if (status === "COMPLETED" && sent > 0 && sent === stats.total && stats.unaddressable === 0) return undefined;
  const rest = (["undelivered", "failed", "canceled", "unaddressable"] as const)
    .filter((name) => stats[name] > 0)
    .map((name) => `${stats[name]} ${name}`);
  const what = status === "CANCELED" ? "The operation was canceled" : "Not everything was sent";
  return `${what}: ${[`${sent} of ${stats.recipients} sent`, ...rest].join(", ")}. Why is at /v1/PushNotifications/Operations/${id}/Errors.`;
}
