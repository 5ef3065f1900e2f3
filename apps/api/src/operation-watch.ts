import { type Db, findOperations, type StoredOperation } from "@fanfare/db";

/** Told of each state of an operation that it did not have before; `undefined`: nothing more will be told. */
export type OperationListener = (operation: StoredOperation | undefined) => void;

/** Watches operations for whoever wants to know. */
export interface OperationWatch {
  /** Calls back with the present state and with each later one, at most four times a second. */
  subscribe(operationId: string, listener: OperationListener): () => void;
  close(): void;
}

/** Pause between two looks, in milliseconds. */
const INTERVAL_MS = 250;

interface Watched {
  listeners: Set<OperationListener>;
  /** What was told last. */
  state: StoredOperation | undefined;
  seen: boolean;
}

/** Makes a watch: one query a look for all operations, however many listen. It rests while nobody does. */
export function createOperationWatch(db: Db, onError: (error: unknown) => void): OperationWatch {
  const watched = new Map<string, Watched>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function look(): Promise<void> {
    const ids = [...watched.keys()];
    const found = new Map((await findOperations(db, ids)).map((operation) => [operation.id, operation]));
    for (const id of ids) tell(watched.get(id), found.get(id));
  }

  function tell(entry: Watched | undefined, state: StoredOperation | undefined): void {
    if (!entry || (entry.seen && versionOf(entry.state) === versionOf(state))) return;
    entry.state = state;
    entry.seen = true;
    for (const listener of [...entry.listeners]) listener(state);
  }

  function schedule(): void {
    if (timer !== undefined || closed || watched.size === 0) return;
    timer = setTimeout(() => {
      look()
        .catch(onError)
        .finally(() => {
          timer = undefined;
          schedule();
        });
    }, INTERVAL_MS);
  }

  return {
    subscribe(operationId, listener) {
      if (closed) {
        listener(undefined);
        return () => undefined;
      }
      const entry = watched.get(operationId) ?? { listeners: new Set(), state: undefined, seen: false };
      watched.set(operationId, entry);
      entry.listeners.add(listener);
      if (entry.seen) listener(entry.state);
      schedule();
      return () => {
        entry.listeners.delete(listener);
        if (entry.listeners.size === 0 && watched.get(operationId) === entry) watched.delete(operationId);
      };
    },
    close() {
      closed = true;
      clearTimeout(timer);
      const listeners = [...watched.values()].flatMap((entry) => [...entry.listeners]);
      watched.clear();
      for (const listener of listeners) listener(undefined);
    },
  };
}

/** What tells one state of an operation from another. Several changes may fall into one millisecond. */
export function versionOf(operation: StoredOperation | undefined): string {
  if (!operation) return "";
  const { status, stats, updatedAt } = operation;
  return [updatedAt.getTime(), status, ...Object.values(stats)].join("-");
}
