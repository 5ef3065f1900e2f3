import { localCredentials, StartError } from "@fanfare/runtime";
import pc from "picocolors";
import { banner, credentialsInForce } from "../banner.js";
import type { CliConfig } from "../config.js";
import { prefixLine } from "../prefix-line.js";
import { startStack } from "../stack.js";

/** `fanfare start`: everything on this machine, each app as a process of its own, until Ctrl-C. */
export async function start(
  config: CliConfig,
  env: Readonly<Record<string, string | undefined>>,
  { workers, simulator }: { workers: number; simulator: boolean | undefined },
): Promise<void> {
  // As JSON the apps' lines are for a program: they are left as they are, and what is said besides goes elsewhere.
  const isForProgram = env.LOG_FORMAT === "json";
  const own = isForProgram ? process.stderr : process.stdout;
  const print = (line: string) => void own.write(`${line}\n`);
  const onEvent = (app: string, event: string) => print(prefixLine("fanfare", pc.yellow(`${app} ${event}`)));
  const onLine = (app: string, line: string) =>
    void process.stdout.write(`${isForProgram ? line : prefixLine(app, line)}\n`);
  requireNoHealthPort(env);
  const credentials = credentialsInForce(config, localCredentials(config.FANFARE_DATA_DIR));
  print("Starting Fanfare …");
  // From here on Ctrl-C, SIGTERM and the end of the terminal stop what has been started, in order.
  const stopRequested = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stopRequested.abort());
  const starting = startStack({
    signal: stopRequested.signal,
    dataDir: config.FANFARE_DATA_DIR,
    env: { LOG_FORMAT: "pretty", ...env, PORT: String(config.PORT) },
    credentials,
    workers,
    simulator,
    onLine,
    onEvent,
  });
  const stack = await starting.catch((error: unknown) => {
    if (!stopRequested.signal.aborted) throw error;
    print("Stopped before it had started.");
    process.exit(0);
  });
  print(banner(stack, credentials, own.isTTY));

  await new Promise((resolve) => stopRequested.signal.addEventListener("abort", resolve));
  print("Stopping: what is in flight is finished first …");
  process.once("SIGINT", () => process.exit(1));
  const clean = await stack.stop();
  print(clean ? "Stopped." : "Stopped, but not every app ended cleanly.");
  process.exit(clean ? 0 : 1);
}

function requireNoHealthPort({ HEALTH_PORT }: Readonly<Record<string, string | undefined>>): void {
  if (HEALTH_PORT === undefined || ["", "0"].includes(HEALTH_PORT)) return;
  throw new StartError(
    "HEALTH_PORT is the port of one worker, and fanfare start runs several: leave it out, or set it to 0 for a free port each.",
    { mayHeal: false },
  );
}
