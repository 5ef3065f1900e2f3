import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** One app that runs as a process of its own. */
export interface AppProcess {
  name: string;
  /** Path of its main module. */
  main: string;
  env: Readonly<Record<string, string | undefined>>;
}

/** How a supervisor works. */
export interface SupervisorOptions {
  /** Told of every line that an app prints. */
  onLine: (app: string, line: string) => void;
  /** Told of starts, deaths and restarts. */
  onEvent: (app: string, event: string) => void;
  /** How long a stopping app may take before it is killed, in milliseconds; longer than its own deadline. */
  killAfterMs: number;
}

/** A supervised app. */
export interface SupervisedApp {
  readonly pid: number | undefined;
  /** Resolves with what the app said once it was ready, such as the address it listens on. */
  ready(): Promise<ReadyMessage>;
  /** Asks it to stop, waits, and kills it when it takes too long. Resolves with whether it left nothing undone. */
  stop(): Promise<boolean>;
}

/** What an app sends to its parent over IPC once it takes work. */
export interface ReadyMessage {
  ready: true;
  url?: string;
}

/** What it sends instead when it knows why it can not: a sentence for the operator. */
interface FailedMessage {
  failed: string;
}

const RESTART_BASE_MS = 200;
const RESTART_CAP_MS = 10_000;

/** An app that ran this long is healthy: its next restart is quick again. */
const HEALTHY_MS = 30_000;

/** An app that exits so has a bad configuration: starting it again would change nothing (EX_CONFIG of sysexits). */
const EX_CONFIG = 78;

/** An app that dies so often before it was ever ready, without a word of why, would die for ever. */
const START_TRIES = 3;

/** Problems of a configuration that the error of a start repeats. */
const PROBLEMS_MAX = 20;

/** Says why an app could not be started. */
export class AppStartError extends Error {
  override readonly name = "AppStartError";
  readonly forOperator = true;

  /** What the command that wanted the app ends with. */
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Starts an app and starts it again, with growing pauses, whenever it dies. It runs in a process group of its own, so
 * that Ctrl-C reaches the supervisor alone, which stops the apps in order; and it has an IPC channel, whose end tells
 * it that the supervisor is gone.
 */
export function supervise(app: AppProcess, { onLine, onEvent, killAfterMs }: SupervisorOptions): SupervisedApp {
  let becomeReady: (message: ReadyMessage) => void;
  let failToStart: (error: Error) => void;
  const ready = new Promise<ReadyMessage>((resolve, reject) => {
    becomeReady = resolve;
    failToStart = reject;
  });
  // Whoever does not wait for readiness is told by `onEvent`.
  ready.catch(() => undefined);
  let child: ChildProcess | undefined;
  let exited: Promise<boolean> = Promise.resolve(true);
  let stopping = false;
  let restartDelayMs = RESTART_BASE_MS;
  let restartTimer: NodeJS.Timeout | undefined;
  let wasReady = false;
  let earlyDeaths = 0;
  let problems: string[] = [];
  let reason: string | undefined;

  function start(): void {
    const startedAt = performance.now();
    const started = spawn(process.execPath, ["--enable-source-maps", app.main], {
      env: app.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    child = started;
    problems = [];
    reason = undefined;
    for (const stream of [started.stdout, started.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        // As `readConfig` tells each problem of a configuration.
        if (stream === started.stderr && line.startsWith("  ")) problems = [...problems, line].slice(-PROBLEMS_MAX);
        onLine(app.name, line);
      });
    }
    started.on("message", (message: ReadyMessage | FailedMessage) => {
      if ("failed" in message) {
        reason = message.failed;
        return;
      }
      wasReady = true;
      becomeReady(message);
    });
    exited = new Promise((resolve) => {
      started.on("error", (error) => onEvent(app.name, `could not be run: ${error.message}`));
      started.on("close", (code, signal) => {
        // One that the signal itself ends had not come to listen for it: it had begun nothing.
        resolve(code === 0 || (stopping && signal === "SIGTERM"));
        if (!stopping) restart(code, signal, performance.now() - startedAt);
      });
    });
  }

  function restart(code: number | null, signal: string | null, ranMs: number): void {
    const how = signal ?? `exit code ${code}`;
    if (reason !== undefined && (!wasReady || code === EX_CONFIG)) {
      failToStart(new AppStartError(reason, code ?? 1));
      return;
    }
    if (code === EX_CONFIG) {
      onEvent(app.name, `is not configured rightly (${how}) and is not started again`);
      failToStart(new AppStartError(`${app.name} is not configured rightly:\n${problems.join("\n")}`, EX_CONFIG));
      return;
    }
    if (!wasReady && ++earlyDeaths === START_TRIES) {
      failToStart(
        new AppStartError(`${app.name} could not be started (${how}, ${START_TRIES} times); see its lines above.`),
      );
      return;
    }
    if (ranMs > HEALTHY_MS) restartDelayMs = RESTART_BASE_MS;
    onEvent(app.name, `died (${how}); starting it again in ${restartDelayMs} ms`);
    restartTimer = setTimeout(start, restartDelayMs);
    restartDelayMs = Math.min(restartDelayMs * 2, RESTART_CAP_MS);
  }

  start();
  return {
    get pid() {
      return child?.pid;
    },
    ready: () => ready,
    async stop() {
      stopping = true;
      clearTimeout(restartTimer);
      failToStart(new Error(`${app.name} was stopped.`));
      child?.kill("SIGTERM");
      const killTimer = setTimeout(() => {
        onEvent(app.name, "did not stop in time and is killed");
        child?.kill("SIGKILL");
      }, killAfterMs);
      const clean = await exited;
      clearTimeout(killTimer);
      return clean;
    },
  };
}
