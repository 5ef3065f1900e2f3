/** How the processes of a run ended, against what was done to them. */
export interface Deaths {
  /** A process is about to be ended. */
  expect(app: string, signal: NodeJS.Signals): void;
  /** Whether a process that was asked to end has not done so yet. */
  isExpected(app: string): boolean;
  /** A process printed a line. */
  hear(app: string, line: string): void;
  /** Something happened to a process. Answers whether it died. */
  see(app: string, event: string): boolean;
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
  /** What each process last said of level "fatal". */
  const lastWords = new Map<string, string>();
  const crashes: string[] = [];
  const unclean: string[] = [];

  function book(app: string, how: string, words: string): void {
    const signals = expected.get(app) ?? [];
    expected.delete(app);
    if (words === COULD_NOT_START) return;
    const death = `${app}: ${how}${signals.length > 0 ? ` after ${signals.join(", ")}` : ""}, ${words}`;
    if (isOfNode(app, how)) unclean.push(death);
    else if (signals.length === 0) crashes.push(death);
    else if (!signals.includes("SIGKILL") && how !== "exit code 0") unclean.push(death);
  }

  return {
    expect(app, signal) {
      expected.set(app, [...(expected.get(app) ?? []), signal]);
    },
    isExpected: (app) => expected.has(app),
    hear(app, line) {
      const fatal = /"level":60,.*"msg":"([^"]*)"\}$/.exec(line)?.[1];
      if (fatal !== undefined) lastWords.set(app, fatal);
    },
    see(app, event) {
      const how = /^died \((.*?)\)/.exec(event)?.[1];
      if (how === undefined) return false;
      book(app, how, lastWords.get(app) ?? "");
      lastWords.delete(app);
      return true;
    },
    crashes: () => crashes,
    unclean: () => unclean,
  };
}
