import { type LineRecord, leaseKey } from "@fanfare/domain";
import type { DeliveryStore } from "./ports.js";
import { asFailed, withoutDetails } from "./refused-record.js";

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

interface Entry {
  record: LineRecord;
  onRecorded: OnRecorded;
}

const RETRY_BASE_MS = 100;
const RETRY_CAP_MS = 5_000;

/**
 * Makes a recorder with one statement in flight at a time: while it runs, outcomes gather for the next, so that
 * micro-batches grow with the load. A statement that fails is made again until it succeeds: an outcome that is known
 * is never dropped while the process lives. Memory is bounded by its callers, who hold a window slot per record.
 *
 * One that the database refuses for what it says would be refused for ever: it is halved until the record is found that is
 * the reason, which is then recorded without what the provider said, or, if that is refused too, as failed.
 */
export function createRecorder(store: Pick<DeliveryStore, "record" | "isRefused">, options: RecorderOptions): Recorder {
  const { onError, gatherMs = 5, maxRecords = 1_000 } = options;
  let gathered: Entry[] = [];
  let state: "idle" | "gathering" | "flushing" = "idle";
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    state = "flushing";
    clearTimeout(timer);
    const batch = gathered.slice(0, maxRecords);
    gathered = gathered.slice(maxRecords);
    await write(batch);
    state = "idle";
    schedule();
  }

  async function write(entries: readonly Entry[]): Promise<void> {
    const held = await recordUntilWritten(entries.map(({ record }) => record));
    if (held) {
      for (const { record, onRecorded } of entries) onRecorded(held.has(leaseKey(record.lease)));
    } else if (entries.length > 1) {
      const middle = Math.ceil(entries.length / 2);
      await write(entries.slice(0, middle));
      await write(entries.slice(middle));
    } else if (entries[0]) {
      await writeOtherwise(entries[0]);
    }
  }

  async function writeOtherwise({ record, onRecorded }: Entry): Promise<void> {
    for (const other of [withoutDetails(record), asFailed(record)]) {
      const held = await recordUntilWritten([other]);
      if (held) return onRecorded(held.has(leaseKey(record.lease)));
    }
    // Nothing of it can be said: whoever takes the batch over decides.
    onRecorded(false);
  }

  /** Resolves with the keys of the leases that were held; `undefined` when the database refuses what the records say. */
  async function recordUntilWritten(records: LineRecord[]): Promise<Set<string> | undefined> {
    let again = false;
    for (let delayMs = RETRY_BASE_MS; ; delayMs = Math.min(delayMs * 2, RETRY_CAP_MS)) {
      try {
        return await store.record(records, { again });
      } catch (error) {
        onError(error);
        // It may have been committed, and only its answer lost.
        again = true;
        if (store.isRefused(error)) return undefined;
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
