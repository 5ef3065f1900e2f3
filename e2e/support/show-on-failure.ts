declare global {
  var fanfareLogs: Set<string[]> | undefined;
}

/**
 * From now on a test that fails shows the last lines of a log, whose lines start with the name of their process: the test
 * environment reads them here. Returns how to call it off.
 */
export function showOnFailure(log: string[]): () => void {
  globalThis.fanfareLogs ??= new Set();
  globalThis.fanfareLogs.add(log);
  return () => globalThis.fanfareLogs?.delete(log);
}
