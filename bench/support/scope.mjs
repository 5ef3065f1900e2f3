/**
 * What one scenario holds: processes, folders, connections. `close` gives all of it back, the newest first, each even when
 * another fails; what is owned after that is given back at once.
 */
export function createScope() {
  const releases = [];
  let closed = false;
  return {
    /** The last of what its processes said. */
    log: [],
    /** Owns what a promise brings too: `release` waits for it. */
    own(resource, release) {
      const giveBack = async () => {
        // What could not be made needs no giving back; whoever waits for it is told why.
        const made = await Promise.resolve(resource).catch(() => undefined);
        if (made !== undefined) await release(made);
      };
      if (closed) void giveBack().catch(() => undefined);
      else releases.push(giveBack);
      return resource;
    },
    async close() {
      closed = true;
      const errors = [];
      for (const release of releases.splice(0).reverse()) {
        try {
          await release();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw new AggregateError(errors, "Not everything could be given back.");
    },
  };
}
