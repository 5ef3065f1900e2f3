// What the clients under measurement share: they read a task as JSON from standard input and print what it took.
import { readFileSync } from "node:fs";
import process from "node:process";
import { json } from "node:stream/consumers";

/** Reads the task: where to send, whom to trust, how many requests, how many at once. */
export async function readTask() {
  const task = await json(process.stdin);
  return { ...task, ca: readFileSync(task.caFile, "utf8") };
}

/**
 * Sends requests, so many of them at once; `send` gets each one's number and calls `done` with whether it was accepted.
 * Resolves with rate and CPU, of this process alone.
 */
export async function measure(count, inFlight, send) {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  let sent = 0;
  let finished = 0;
  let accepted = 0;
  await new Promise((resolve) => {
    const done = (wasAccepted) => {
      finished++;
      if (wasAccepted) accepted++;
      if (sent < count) send(sent++, done);
      else if (finished === count) resolve();
    };
    while (sent < Math.min(count, inFlight)) send(sent++, done);
  });
  return outcome({ count, accepted, begun, cpu });
}

/** What a client reports. */
export function outcome({ count, accepted, begun, cpu }) {
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { count, accepted, seconds, perSecond: count / seconds, cpuMicros: (user + system) / count };
}

/** Prints it and ends, whatever a library still holds open. */
export function answer(result) {
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
}
