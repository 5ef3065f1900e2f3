/** A resource in one holder's hands, who calls `release` once. */
export interface Held<Resource> {
  resource: Resource;
  release(this: void): void;
}

/** Something that several holders use, and that is closed some time after the last one gave it back. */
export interface Shared<Resource> {
  /** The resource of a key, made when there is none. */
  take(key: string, open: () => Resource): Held<Resource>;
  /** Closes everything at once, held or not. */
  close(): Promise<void>;
}

/** How {@link createShared} closes. */
export interface SharedOptions<Resource> {
  closeOne: (resource: Resource) => Promise<void>;
  /** How long an unused resource is kept for the next holder, in milliseconds. */
  idleMs: number;
  onError: (error: unknown) => void;
}

interface Entry<Resource> {
  resource: Resource;
  holders: number;
  timer?: NodeJS.Timeout | undefined;
}

/** Makes a keeper of shared resources. */
export function createShared<Resource>({ closeOne, idleMs, onError }: SharedOptions<Resource>): Shared<Resource> {
  const entries = new Map<string, Entry<Resource>>();

  function release(key: string, entry: Entry<Resource>): void {
    entry.holders--;
    if (entry.holders > 0 || entries.get(key) !== entry) return;
    entry.timer = setTimeout(() => {
      entries.delete(key);
      closeOne(entry.resource).catch(onError);
    }, idleMs);
  }

  return {
    take(key, open) {
      let entry = entries.get(key);
      if (!entry) {
        entry = { resource: open(), holders: 0 };
        entries.set(key, entry);
      }
      clearTimeout(entry.timer);
      entry.holders++;
      let released = false;
      const taken = entry;
      return {
        resource: entry.resource,
        release() {
          if (released) return;
          released = true;
          release(key, taken);
        },
      };
    },
    async close() {
      const open = [...entries.values()];
      entries.clear();
      for (const { timer } of open) clearTimeout(timer);
      await Promise.all(open.map(({ resource }) => closeOne(resource)));
    },
  };
}
