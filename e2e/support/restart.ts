import { until } from "@fanfare/testkit";
import type { RunningStack } from "./run-stack.js";

/** Asks an app to stop with SIGTERM, and waits until it has ended with 0 and the one that takes its place is ready. */
export async function restart(stack: RunningStack, name: string): Promise<void> {
  const since = stack.log.length;
  stack.signal("SIGTERM", name);
  await until(
    () => {
      const lines = stack.log.slice(since).filter((line) => line.startsWith(`${name} `));
      const died = lines.findIndex((line) => line.startsWith(`${name} died`));
      if (died >= 0) expect(lines[died]).toContain("died (exit code 0)");
      return died >= 0 && lines.slice(died).some((line) => line.includes('"msg":"Ready"'));
    },
    { describe: `The restart of ${name}` },
  );
}
