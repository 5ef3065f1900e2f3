import { createTurns, type DeliveryLine, type LeasedBatch, lineKey, splitUp } from "@fanfare/domain";
import type { BatchRun } from "./batch-run.js";
import type { DeliveryStore } from "./ports.js";
import { whileAway } from "./while-away.js";

/** A batch whose workers died again and again, the last one while it did nothing else. */
export interface ConvictedBatch {
  /** UUID. */
  operationId: string;
  /** Its lines that have no terminal status. One: its notification fails. More: they are split up. */
  lines: readonly DeliveryLine[];
}

/** Who is told of what, in a run of batches of which some are suspected. */
export interface SuspectRunOptions {
  /** Told of errors of the database; what they kept from being done is done again. */
  onError: (error: unknown) => void;
  onConvicted?: ((batch: ConvictedBatch) => void) | undefined;
}

/**
 * Runs batches as `run` does, but those that are suspected of killing their workers while nothing else runs in this one, so
 * that a crash tells which batch it was; and those that did are split, until the culprit's line is alone and fails.
 * A batch that merely was there when a worker died is delivered, and not blamed.
 */
export function createSuspectRun(
  run: BatchRun,
  store: Pick<DeliveryStore, "beginAlone" | "split" | "failureOf">,
  { onError, onConvicted = () => undefined }: SuspectRunOptions,
): BatchRun {
  const isAway = (error: unknown) => store.failureOf(error) === "transient";
  const turns = createTurns();
  return async (held, options) => {
    const { batch } = held;
    if (batch.suspicion === "suspected") {
      return turns.alone(async () => {
        // A batch that is noted as begun, and abandoned because the answer to that was lost, would be convicted.
        const patience = { isAway, onError, signal: options.signal };
        if (await whileAway(() => store.beginAlone(batch), patience)) await run(held, options);
      });
    }
    if (batch.suspicion === "convicted") {
      const lines = openLines(batch);
      if (lines.length > 1 && !(await store.split(batch, splitUp(lines)))) return held.lose();
      onConvicted({ operationId: batch.operationId, lines });
      if (lines.length > 1) return;
    }
    return turns.shared(() => run(held, options));
  };
}

function openLines({ lines, recorded }: LeasedBatch): DeliveryLine[] {
  return lines.filter((line) => (recorded.get(lineKey(line))?.status ?? "QUEUED") === "QUEUED");
}
