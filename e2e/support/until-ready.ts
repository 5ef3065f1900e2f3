import { until } from "@fanfare/testkit";
import type { RunningStack } from "./run-stack.js";

/** Waits until each of some processes is ready, also one that was started again: before that it does not listen for signals. */
export async function untilReady({ log }: Pick<RunningStack, "log">, ...names: readonly string[]): Promise<void> {
  await until((see) => see(names.filter((name) => !isReady(log, name))).length === 0, {
    describe: `The start of ${names.join(", ")}`,
  });
}

function isReady(log: readonly string[], name: string): boolean {
  const diedAt = log.findLastIndex((line) => line.startsWith(`${name} died (`));
  return log.slice(diedAt + 1).some((line) => line.startsWith(`${name} {`) && line.includes('"msg":"Ready"'));
}
