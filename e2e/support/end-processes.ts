import { until } from "@fanfare/testkit";
import type { RunningStack } from "./run-stack.js";
import { untilReady } from "./until-ready.js";

/** Sends processes a signal that ends them, and waits until each has died, once. Those that are asked to end are ready before. */
export async function endProcesses(stack: RunningStack, signal: NodeJS.Signals, ...names: string[]): Promise<void> {
  if (signal !== "SIGKILL") await untilReady(stack, ...names);
  const before = names.map((name) => stack.died(name));
  stack.signal(signal, ...names);
  await until((see) =>
    see(names.map((name) => stack.died(name))).every((times, index) => times === (before[index] ?? 0) + 1),
  );
}
