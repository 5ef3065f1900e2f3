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
  /** Whether an earlier try failed, which may have been committed all the same. */
  again: boolean;
  /** How long it waits for its next try, should nothing else be recorded meanwhile, in milliseconds. */
  delayMs: number;
  /** How many statements the database had taken before this one failed alone, if it did. */
  takenBefore?: number;
}

const RETRY_BASE_MS = 100;
const RETRY_CAP_MS = 5_000;

/**
 * How often records are made again that are on record already: a try whose answer was lost may be committed while the next one
 * runs, which does not see it yet; the one after that does.
 */
const RECORDED_TRIES = 3;

/**
 * Makes a recorder with one statement in flight at a time: while it runs, outcomes gather for the next, so that
 * micro-batches grow with the load. A statement that fails is made again until it succeeds: an outcome that is known
 * is never dropped while the process lives. Memory is bounded by its callers, who hold a window slot per record.
 *
 * One that fails for a reason that does not go away by itself would fail for ever: it is halved until the record is found that
 * is the reason. If the database refuses what that says, it is recorded without what the provider said, or, if that is
 * refused too, as failed. With another reason the batch's lease is given up, but only when the database has taken others since
 * it failed first: while it takes none, the reason is not the record's.
 */
export function createRecorder(
  store: Pick<DeliveryStore, "record" | "failureOf">,
  { onError, gatherMs = 5, maxRecords = 1_000 }: RecorderOptions,
): Recorder {
  let gathered: Entry[] = [];
  /** Statements that the database took. */
  let taken = 0;
  let state: "idle" | "gathering" | "flushing" = "idle";
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    state = "flushing";
    clearTimeout(timer);
    const batch = gathered.slice(0, maxRecords);
    gathered = gathered.slice(maxRecords);
    const takenBefore = taken;
    for (const entry of await write(batch)) {
      entry.takenBefore ??= takenBefore;
      if (taken > entry.takenBefore) entry.onRecorded(false);
      else tryLater(entry);
    }
    state = "idle";
    schedule();
  }

  /** Behind what has gathered by then: if that is taken, it is known that this is not the database's fault. */
  function tryLater(entry: Entry): void {
    setTimeout(gather, entry.delayMs, entry);
    entry.delayMs = Math.min(entry.delayMs * 2, RETRY_CAP_MS);
  }

  /** Resolves with those that fail alone too, for no reason that lies in what they say. */
  async function write(entries: readonly Entry[]): Promise<Entry[]> {
    const held = await recordUntilAnswered(entries);
    if (held instanceof Set) {
      taken++;
      for (const { record, onRecorded } of entries) onRecorded(held.has(leaseKey(record.lease)));
      return [];
    }
    const [first] = entries;
    if (entries.length > 1 || !first) {
      const middle = Math.ceil(entries.length / 2);
      return [...(await write(entries.slice(0, middle))), ...(await write(entries.slice(middle)))];
    }
    if (held === "permanent") return [first];
    await writeOtherwise(first);
    return [];
  }

  async function writeOtherwise(entry: Entry): Promise<void> {
    const { record, onRecorded } = entry;
    for (const other of [withoutDetails(record), asFailed(record)]) {
      const held = await recordUntilAnswered([{ ...entry, record: other }]);
      if (!(held instanceof Set)) continue;
      taken++;
      return onRecorded(held.has(leaseKey(record.lease)));
    }
    // Nothing of it can be said: whoever takes the batch over decides.
    onRecorded(false);
  }

  /** Resolves with the keys of the leases that were held, or with why the statement can not be made. */
  async function recordUntilAnswered(entries: readonly Entry[]): Promise<Set<string> | "refused" | "permanent"> {
    const records = entries.map(({ record }) => record);
    let recordedTries = 0;
    for (let delayMs = RETRY_BASE_MS; ; delayMs = Math.min(delayMs * 2, RETRY_CAP_MS)) {
      try {
        return await store.record(records, { again: entries.some(({ again }) => again) });
      } catch (error) {
        onError(error);
        for (const entry of entries) entry.again = true;
        const failure = store.failureOf(error);
        if (failure === "refused" || failure === "permanent") return failure;
        if (failure === "recorded" && ++recordedTries === RECORDED_TRIES) return "refused";
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
    }
  }

  function gather(entry: Entry): void {
    gathered.push(entry);
    schedule();
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
    add: (record, onRecorded) => gather({ record, onRecorded, again: false, delayMs: RETRY_BASE_MS }),
  };
}
