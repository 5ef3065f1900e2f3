import { fileURLToPath } from "node:url";
import { queueBackends } from "@fanfare/testkit";
import { testCrowdedKill, testKills, VICTIMS } from "./interruptions/kill-9.js";
import { testStoppedWorkers } from "./interruptions/stopped-worker.js";
import { type RunningStack, runStack } from "./support/run-stack.js";

const preload = fileURLToPath(new URL("support/block-on-signal.mjs", import.meta.url));

// One installation of a backend for all that is done to its processes: to start it takes longer than most of that.
describe.each(queueBackends())("queues on $name", (backend) => {
  let stack: RunningStack;
  const running = () => stack;
  beforeAll(async () => {
    // Short leases, so that the work of who is gone is soon taken over; what was counted outlives the simulator.
    const env = { LEASE_MS: "3000", SIMULATOR_KEEP_COUNTS: "true", FCM_RAMP_SECONDS: "0" };
    const blocking = { BLOCK_MS: "12000", NODE_OPTIONS: `--import=${preload}` };
    stack = await runStack({ backend, workers: 2, ownPostgres: true, env: { ...env, ...blocking } });
  });
  beforeEach(() => stack.simulate("DELETE", "/received"));
  afterAll(() => stack?.close());

  // Who holds what is Postgres's to know, whatever the queues are on.
  if (backend.name === "postgres") {
    testStoppedWorkers(running);
    testCrowdedKill(running);
  }
  testKills(running, backend.name === "postgres" ? keysOf(VICTIMS) : ["fan-out workers", "FCM workers"]);
});

function keysOf<Names extends object>(names: Names): (keyof Names)[] {
  return Object.keys(names) as (keyof Names)[];
}
