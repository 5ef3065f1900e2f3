import type { ReadinessDetail } from "./answer-readiness.js";
import { doneUnlessSilent, type Needs } from "./done-unless-silent.js";
import { createErrorBrake } from "./error-brake.js";
import { startHealthServer } from "./health-server.js";
import { createLogger, type Log } from "./logger.js";
import { type Check, type CheckKind, createChecks, type Readiness } from "./readiness.js";
import { exitCodeOf, sentenceOf } from "./start-error.js";
import { waitFor } from "./wait-for.js";
import { watchEventLoop } from "./watch-event-loop.js";
import { type Progress, watchProgress } from "./watch-progress.js";

/** How long a stopping service may take. */
export interface ShutdownBudget {
  /** When handlers in flight are told to abort, in milliseconds after the stop began. @default 15,000 */
  abortAfterMs?: number;
  /** When the process gives up and exits with 1, in milliseconds after the stop began. @default 25,000 */
  shutdownDeadlineMs?: number;
  /** How long one thing in flight may take, in milliseconds: it has to come to its end before the abort. @default 0 */
  inFlightMs?: number;
  /** When whoever supervises the process kills it, in milliseconds after it asked it to stop. @default 30,000 */
  graceMs?: number;
}

/** When handlers in flight are told to abort by default, in milliseconds after a stop began. */
export const ABORT_AFTER_MS = 15_000;

/** How a service is run. */
export interface ServiceOptions extends ShutdownBudget {
  /** @default a JSON logger on standard output */
  log?: Log;
}

/** What a service's build function works with. */
export interface Service {
  readonly log: Log;
  /** Fires when the stop begins: nothing new is started from then on. */
  readonly stopping: AbortSignal;
  /** Fires when what is in flight has to come to its end. */
  readonly signal: AbortSignal;
  /** Fires when the parent process is gone, which begins a stop: nobody is left who waits for this process. */
  readonly orphaned: AbortSignal;
  /** Keeps a resource until the service stops. Resources are closed last to first, each even if another one failed. */
  own<Resource>(resource: Resource, close: (resource: Resource) => unknown): Resource;
  /**
   * Registers how to stop taking work and wait for what is in flight; all of these run before anything is closed. With `needs`
   * it is not waited for any longer once nothing is in hand and the server that it needs says nothing.
   */
  onStop(stopWork: () => Promise<unknown>, needs?: Needs): void;
  /** Registers what is lost if the process ends now, and its number, which the log then says and the exit code tells. */
  countLost(what: string, count: () => number): void;
  /**
   * Asks for what the service can not begin without until it is at hand; see {@link waitFor}. Broken off by a stop.
   *
   * @param isAway Whether an error says that it may be at hand later. @default always
   */
  waitFor<Answer>(what: string, ask: () => Promise<Answer>, isAway?: (error: unknown) => boolean): Promise<Answer>;
  /** Begins a stop that ends with 1: something that the service can not go on without is broken. */
  fail(error: unknown): void;
  /**
   * Adds checks of things that the work needs, each a try to do what the work does.
   *
   * @param kind What it means when one fails. @default "required"
   */
  readyWhen(checks: Readonly<Record<string, Check>>, kind?: CheckKind): void;
  /**
   * Watches whether the service takes work and gets on with it. When it does not take any it is not ready; when it does not get on it
   * is not healthy either.
   */
  watchProgress(progress: Progress): void;
  /** Serves `/healthz` and `/readyz` on a port of their own; does nothing without a port. */
  serveHealth(port: number | undefined, host: string, detail: ReadinessDetail): Promise<void>;
  /** Runs the checks; not ready before the service is built, and as soon as it is stopping. */
  readiness(): Promise<Readiness>;
}

const CHECK_TIMEOUT_MS = 2_000;

/** How often a service asks itself, in milliseconds, so that its log tells what nobody asks for. */
const ASK_ITSELF_MS = 10_000;

/**
 * Runs a process's one service until SIGTERM, SIGINT, or the end of the parent that started it with an IPC channel:
 *
 *     build ─► ready ─► stopping: not ready, stop taking work, wait ─► (abort signal) ─► close all ─► exit
 *
 * Exits with 0 when all of that went well, with 78 when its settings are wrong, with 1 when something else failed or was lost, or the
 * deadline passed. A second signal
 * ends the process at once, with 1.
 */
export async function runService(
  name: string,
  build: (service: Service) => Promise<{ url?: string }>,
  options: ServiceOptions = {},
): Promise<void> {
  const { abortAfterMs = ABORT_AFTER_MS, shutdownDeadlineMs = 25_000, log = createLogger(name) } = options;
  checkBudget({ inFlightMs: 0, graceMs: 30_000, ...options, abortAfterMs, shutdownDeadlineMs });
  const lifecycle = createLifecycle(log, (err) => {
    tellFatal(log, err, "A part of the service is broken");
    stop("a part of it is broken", exitCodeOf(err));
  });

  let stopping: Promise<void> | undefined;
  const stop = (why: string, exitCode = 0) => {
    if (stopping) return;
    log.info({ why }, "Stopping");
    stopping = endWithin(shutdownDeadlineMs, log, lifecycle, lifecycle.stop(abortAfterMs), exitCode);
  };
  let signals = 0;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (++signals === 1) return stop(signal);
      log.warn({ signal }, "Asked to stop again: ending at once");
      lifecycle.end(1);
    });
  }
  // Only of a parent that supervises: without it nobody would be left to stop this process.
  process.on("disconnect", () => {
    stop("the parent process is gone");
    lifecycle.orphan();
  });
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error) => {
      log.fatal({ err: error }, event);
      lifecycle.end(1);
    });
  }

  try {
    const ready = await build(lifecycle.service);
    if (stopping) return;
    lifecycle.started();
    log.info(ready.url ? { url: ready.url } : {}, "Ready");
    process.send?.({ ready: true, ...ready });
  } catch (error) {
    if (stopping) {
      const isItsEnd = (error as Error).name === "AbortError";
      return log.info(isItsEnd ? {} : { err: error }, "Its start was broken off");
    }
    tellFatal(log, error, "Could not start");
    stop("it could not start", exitCodeOf(error));
  }
}

/**
 * One line for what an operator can mend; the stack of an error is for those that nobody expected. Whoever supervises the process
 * repeats the sentence, and need not try again to find out.
 */
function tellFatal(log: Log, error: unknown, message: string): void {
  const reason = sentenceOf(error);
  log.fatal(reason === undefined ? { err: error } : { reason }, message);
  if (reason !== undefined) process.send?.({ failed: reason });
}

/** What one stage needs has to fit into the next one, or a stop would lose what it waits for. */
function checkBudget(budget: Required<ShutdownBudget>): void {
  const stages = ["inFlightMs", "abortAfterMs", "shutdownDeadlineMs", "graceMs"] as const;
  for (const [index, stage] of stages.entries()) {
    const next = stages[index + 1];
    if (next === undefined || budget[stage] < budget[next]) continue;
    throw new Error(`${stage} (${budget[stage]}) must be less than ${next} (${budget[next]}).`);
  }
}

async function endWithin(
  deadlineMs: number,
  log: Log,
  lifecycle: Lifecycle,
  stopped: Promise<void>,
  exitCode: number,
): Promise<void> {
  // Keeps the process running: without it one that waits for what never comes would run dry, and exit with 0.
  setTimeout(() => {
    log.error({ left: process.getActiveResourcesInfo() }, "Did not stop in time");
    lifecycle.end(1);
  }, deadlineMs);
  try {
    await stopped;
    lifecycle.end(exitCode, "Stopped");
  } catch (error) {
    log.error({ err: error }, "Did not stop cleanly");
    lifecycle.end(1);
  }
}

interface Lifecycle {
  service: Service;
  started(): void;
  orphan(): void;
  stop(abortAfterMs: number): Promise<void>;
  /** Ends the process, and says what is lost. */
  end(code: number, lastWord?: string): void;
}

function createLifecycle(log: Log, fail: Service["fail"]): Lifecycle {
  const abort = new AbortController();
  const stop = new AbortController();
  const orphaned = new AbortController();
  const releases: (() => unknown)[] = [];
  const stopWork: (() => Promise<unknown>)[] = [];
  const losses: { what: string; count: () => number }[] = [];
  const checks = createChecks(CHECK_TIMEOUT_MS, log);
  let stage: "starting" | "running" | "stopping" = "starting";

  const service: Service = {
    log,
    stopping: stop.signal,
    signal: abort.signal,
    orphaned: orphaned.signal,
    own(resource, close) {
      releases.push(() => close(resource));
      return resource;
    },
    onStop: (stop, needs) =>
      void stopWork.push(async () => {
        if (!needs) await stop();
        else if (!(await doneUnlessSilent(stop(), needs)))
          log.warn("A server says nothing: what was begun with it is left to other processes");
      }),
    fail,
    countLost: (what, count) => void losses.push({ what, count }),
    waitFor: (what, ask, isAway) => waitFor(what, ask, { log, signal: stop.signal, isAway }),
    async serveHealth(port, host, detail) {
      if (port === undefined) return;
      const { readiness } = service;
      const health = () => checks.run("vital");
      const server = service.own(await startHealthServer(port, host, { readiness, health, detail }), ({ close }) =>
        close(),
      );
      log.info({ port: server.port }, "Serving health");
    },
    readyWhen: (more, kind = "required") => checks.add(more, kind),
    watchProgress(progress) {
      const watch = service.own(watchProgress(progress, eventLoop.blockedMs), (opened) => opened.close());
      checks.add({ progress: watch.progress.check }, "vital");
      checks.add({ taking: watch.taking.check }, "required");
    },
    async readiness() {
      if (stage !== "running") return { status: "unavailable", checks: { lifecycle: { ok: false, detail: stage } } };
      return checks.run();
    },
  };
  const brake = service.own(createErrorBrake(log), (opened) => opened.close());
  const eventLoop = service.own(
    watchEventLoop({ onBlocked: (blockedMs) => brake.warn({ blockedMs }, "The event loop was blocked") }),
    (opened) => opened.close(),
  );

  return {
    service,
    started() {
      stage = "running";
      // Alone it keeps no process running.
      const askItself = setInterval(() => void service.readiness(), ASK_ITSELF_MS).unref();
      service.own(askItself, clearInterval);
    },
    orphan: () => orphaned.abort(),
    end(code, lastWord) {
      const lost = losses.map(({ what, count }) => ({ what, count: count() })).filter(({ count }) => count > 0);
      for (const { what, count } of lost) log.error({ lost: count }, `${count} ${what}`);
      if (lastWord) log.info(lastWord);
      process.exit(lost.length > 0 ? 1 : code);
    },
    async stop(abortAfterMs) {
      stage = "stopping";
      stop.abort();
      const timer = setTimeout(() => abort.abort(), abortAfterMs);
      const failures: unknown[] = [];
      for (const result of await Promise.allSettled(stopWork.map((stop) => stop()))) {
        if (result.status === "rejected") failures.push(result.reason);
      }
      // A build that was still going on may own more while this runs.
      for (let release = releases.pop(); release; release = releases.pop()) {
        try {
          await release();
        } catch (error) {
          failures.push(error);
        }
      }
      clearTimeout(timer);
      if (failures.length > 0) throw new AggregateError(failures, "Some resources could not be closed");
    },
  };
}
