import type { LineRecord } from "@fanfare/domain";
import type { DeliveryStore } from "./ports.js";

/** Called once a record is written (`held`), or refused because the batch's lease was lost. */
export type OnRecorded = (held: boolean) => void;

/** How {@link createRecorder} gathers its micro-batches. */
export interface RecorderOptions {
  /** Told of each failed flush; the flush is made again. */
  onError: (error: unknown) => void;
  /** How long the first outcome of a micro-batch waits for others, in milliseconds. @default 5 */
  gatherMs?: number;
  /** Outcomes in one statement at most. @default 1,000 */
  maxRecords?: number;
}

/** Gathers outcomes and records them in micro-batches. */
export interface Recorder {
  add(record: LineRecord, onRecorded: OnRecorded): void;
}

const RETRY_BASE_MS = 100;
const RETRY_CAP_MS = 5_000;

/**
 * Makes a recorder with one statement in flight at a time: while it runs, outcomes gather for the next, so that
 * micro-batches grow with the load. A statement that fails is made again until it succeeds: an outcome that is known
 * is never dropped while the process lives. Memory is bounded by its callers, who hold a window slot per record.
 */
export function createRecorder(store: Pick<DeliveryStore, "record">, options: RecorderOptions): Recorder {
  const { onError, gatherMs = 5, maxRecords = 1_000 } = options;
  let gathered: { record: LineRecord; onRecorded: OnRecorded }[] = [];
  let state: "idle" | "gathering" | "flushing" = "idle";
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    state = "flushing";
    clearTimeout(timer);
    const batch = gathered.slice(0, maxRecords);
    gathered = gathered.slice(maxRecords);
    const held = await recordUntilWritten(batch.map(({ record }) => record));
    for (const { record, onRecorded } of batch) onRecorded(held.has(record.lease.id));
    state = "idle";
    schedule();
  }

  async function recordUntilWritten(records: LineRecord[]): Promise<Set<string>> {
    for (let delayMs = RETRY_BASE_MS; ; delayMs = Math.min(delayMs * 2, RETRY_CAP_MS)) {
      try {
        return await store.record(records);
      } catch (error) {
        onError(error);
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
    }
  }

  function schedule(): void {
    if (state === "flushing" || gathered.length === 0) return;
    if (gathered.length >= maxRecords) void flush();
    else if (state === "idle") {
      state = "gathering";
      timer = setTimeout(() => void flush(), gatherMs);
    }
  }

  return {
    add(record, onRecorded) {
      gathered.push({ record, onRecorded });
      schedule();
    },
  };
}
