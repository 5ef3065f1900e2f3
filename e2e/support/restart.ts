import { until } from "@fanfare/testkit";
import type { RunningStack } from "./run-stack.js";
import { untilReady } from "./until-ready.js";

/** Asks an app to stop with SIGTERM, and waits until it has ended with 0 and the one that takes its place is ready. */
export async function restart(stack: RunningStack, name: string): Promise<void> {
  await untilReady(stack, name);
  const since = stack.log.length;
  stack.signal("SIGTERM", name);
  const end = () => stack.log.slice(since).find((line) => line.startsWith(`${name} died`));
  await until(end, { describe: `The end of ${name}` });
  expect(end()).toContain("died (exit code 0)");
  await untilReady(stack, name);
}
