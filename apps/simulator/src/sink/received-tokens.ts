import type { Provider } from "../behaviours.js";
import type { Counts } from "../received-log.js";

/** What a sink received: how often each token, and when first. */
export interface ReceivedTokens {
  add(provider: Provider, token: string): void;
  counts(provider: Provider): Counts;
  /**
   * Of the tokens that begin with `prefix`: when each came first, in microseconds of the clock that `process.hrtime` reads,
   * which is the same for all processes of a machine.
   */
  receipts(prefix: string): Generator<{ token: string; atMicros: number }>;
  clear(): void;
}

interface Column {
  /** Row of each token: in arrays of numbers a million tokens are no million objects. */
  rows: Map<string, number>;
  calls: Uint32Array;
  atMicros: Float64Array;
}

const FIRST_ROWS = 65_536;

/** Microseconds of the machine's monotonic clock. */
function monotonicMicros(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1e6 + Math.floor(nanos / 1e3);
}

/** Makes an empty record. */
export function createReceivedTokens(): ReceivedTokens {
  const empty = (): Column => ({
    rows: new Map(),
    calls: new Uint32Array(FIRST_ROWS),
    atMicros: new Float64Array(FIRST_ROWS),
  });
  const columns: Record<Provider, Column> = { FCM: empty(), APN: empty() };

  return {
    add(provider, token) {
      const column = columns[provider];
      let row = column.rows.get(token);
      if (row === undefined) {
        row = column.rows.size;
        if (row === column.calls.length) grow(column);
        column.rows.set(token, row);
        column.atMicros[row] = monotonicMicros();
      }
      column.calls[row] = (column.calls[row] as number) + 1;
    },
    counts(provider) {
      const { rows, calls } = columns[provider];
      const used = calls.subarray(0, rows.size);
      const total = used.reduce((sum, count) => sum + count, 0);
      const acceptedMoreThanOnce = used.reduce((sum, count) => sum + (count > 1 ? 1 : 0), 0);
      return { total, accepted: total, tokens: rows.size, acceptedMoreThanOnce };
    },
    *receipts(prefix) {
      for (const { rows, atMicros } of Object.values(columns)) {
        for (const [token, row] of rows) {
          if (token.startsWith(prefix)) yield { token, atMicros: atMicros[row] as number };
        }
      }
    },
    clear() {
      columns.FCM = empty();
      columns.APN = empty();
    },
  };
}

function grow(column: Column): void {
  const calls = new Uint32Array(column.calls.length * 2);
  calls.set(column.calls);
  const atMicros = new Float64Array(calls.length);
  atMicros.set(column.atMicros);
  Object.assign(column, { calls, atMicros });
}
