import type { RunningStack } from "./run-stack.js";

/** Names of the processes of an app, or of all apps but the simulator. */
export function processesOf(stack: RunningStack, app = ""): string[] {
  return [...stack.apps.keys()].filter((name) => name.startsWith(app) && name !== "simulator");
}
