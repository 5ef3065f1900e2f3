import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Another thread of this process, for what has to hold whatever such a one does. */
export interface WorkingThread {
  /** Has it use so many milliseconds of CPU time, while the thread that calls waits and uses none. */
  work(ms: number): void;
  end(): Promise<unknown>;
}

const WORK = `
const { workerData: order, parentPort } = require("node:worker_threads");
const usedMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1_000; };
parentPort.postMessage("ready");
for (;;) {
  Atomics.wait(order, 0, 0);
  const end = usedMs() + order[0];
  while (usedMs() < end);
  Atomics.store(order, 0, 0);
  Atomics.notify(order, 0);
}`;

/** Whoever started it ends it. */
export async function startWorkingThread(): Promise<WorkingThread> {
  // Milliseconds to work for; 0 when that is done.
  const order = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(WORK, { eval: true, workerData: order });
  await once(worker, "message");
  return {
    work(ms) {
      Atomics.store(order, 0, ms);
      Atomics.notify(order, 0);
      Atomics.wait(order, 0, ms);
    },
    end: () => worker.terminate(),
  };
}
