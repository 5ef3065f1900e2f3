/** How the processes of a run ended, against what was done to them. */
export interface Deaths {
  /** A process is about to be ended. */
  expect(app: string, signal: NodeJS.Signals): void;
  /** Whether a process that was asked to end has not done so yet. */
  isExpected(app: string): boolean;
  /** A process died: its signal or exit code in words, and its last words of level "fatal". */
  see(app: string, how: string, lastWords?: string): void;
  /** Those that nobody ended, in words. */
  crashes(): readonly string[];
  /** Those that were asked to stop and did not end with 0, in words. */
  unclean(): readonly string[];
}

/** What a process says that ends because it could not start, its database being away for example: it is started again. */
const COULD_NOT_START = "Could not start";

/**
 * Node 20's own HTTP/2 server now and then corrupts its memory when connections are cut under it ("corrupted size vs.
 * prev_size"). That is the simulator; what it counted is on disk.
 */
const isOfNode = (app: string, how: string) => app === "simulator" && ["SIGABRT", "SIGSEGV"].includes(how);

/** Keeps the book of a run's deaths. */
export function createDeaths(): Deaths {
  const expected = new Map<string, NodeJS.Signals[]>();
  const crashes: string[] = [];
  const unclean: string[] = [];
  return {
    expect(app, signal) {
      expected.set(app, [...(expected.get(app) ?? []), signal]);
    },
    isExpected: (app) => expected.has(app),
    see(app, how, lastWords) {
      const signals = expected.get(app) ?? [];
      expected.delete(app);
      if (lastWords === COULD_NOT_START) return;
      const words = `${app}: ${how}${signals.length > 0 ? ` after ${signals.join(", ")}` : ""}, ${lastWords ?? ""}`;
      if (isOfNode(app, how)) unclean.push(words);
      else if (signals.length === 0) crashes.push(words);
      else if (!signals.includes("SIGKILL") && how !== "exit code 0") unclean.push(words);
    },
    crashes: () => crashes,
    unclean: () => unclean,
  };
}
