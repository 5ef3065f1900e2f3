import { until } from "@fanfare/testkit";
import type { RunningStack } from "./run-stack.js";

/** Sends processes a signal that ends them, and waits until each has died, once. */
export async function endProcesses(stack: RunningStack, signal: NodeJS.Signals, ...names: string[]): Promise<void> {
  const before = names.map((name) => stack.died(name));
  stack.signal(signal, ...names);
  await until((see) =>
    see(names.map((name) => stack.died(name))).every((times, index) => times === (before[index] ?? 0) + 1),
  );
}
