import { until } from "./until.js";

/** What keeps a process running, or changes how it ends, when it is left open. Timers are left out: jest has its own. */
const RESOURCES = ["TCPSocketWrap", "TCPServerWrap", "PipeWrap", "ProcessWrap", "FSEventWrap", "MessagePort"];
const EVENTS = ["SIGTERM", "SIGINT", "disconnect", "uncaughtException", "unhandledRejection"];

/** Sockets that `fetch` keeps for reuse are closed after four seconds. */
const QUIET_MS = 8_000;

type Census = ReadonlyMap<string, number>;

/**
 * Fails each test of the file that leaves a socket, server, child process or signal listener open. Called below the
 * file's own `beforeEach` and `afterEach`, so that these have tidied up when it looks.
 */
export function leakGuard(): void {
  let before: Census;
  beforeEach(() => {
    before = takeCensus();
  });
  afterEach(async () => {
    await until(
      () => {
        const leaks = leaksSince(before);
        if (leaks.length > 0) throw new Error(`The test left open: ${leaks.join(", ")}`);
        return true;
      },
      { quietMs: QUIET_MS },
    );
  });
}

/** Counts what is open now. @internal */
export function takeCensus(): Census {
  const open = process.getActiveResourcesInfo().filter((resource) => RESOURCES.includes(resource));
  const census = new Map<string, number>();
  for (const resource of open) census.set(resource, (census.get(resource) ?? 0) + 1);
  for (const event of EVENTS) census.set(`${event} listener`, process.listenerCount(event));
  return census;
}

/** What is open now beyond a census. @internal */
export function leaksSince(before: Census): string[] {
  return [...takeCensus()]
    .map(([what, count]) => ({ what, more: count - (before.get(what) ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(({ what, more }) => `${more} ${what}`);
}
