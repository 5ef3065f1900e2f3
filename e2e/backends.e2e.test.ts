import { queueBackends } from "@fanfare/testkit";
import { JOBS_MAX, testBoundedQueue } from "./backends/bounded-queue.js";
import { testCancel } from "./backends/cancel.js";
import { testLostQueue } from "./backends/lost-queue.js";
import { testMainJob } from "./backends/main-job.js";
import { testSchedule, testScheduleAcrossDeaths } from "./backends/schedule.js";
import { testSeveralWorkers } from "./backends/several-workers.js";
import { testEnds, testRollingRestart } from "./backends/sigterm.js";
import { type RunningStack, runStack } from "./support/run-stack.js";

/** Of the processes: one east and one west of UTC. The database is in a third one. */
const ZONES = { postgres: "Asia/Tokyo", redis: "America/Los_Angeles" };

// What a queue takes part in, on each backend: one installation with two of each worker, and leases as long as they are by default.
describe.each(queueBackends())("queues on $name", (backend) => {
  let stack: RunningStack;
  const running = () => stack;
  beforeAll(async () => {
    stack = await runStack({
      backend,
      workers: 2,
      env: { FCM_RAMP_SECONDS: "0", TZ: ZONES[backend.name], QUEUE_JOBS_MAX: String(JOBS_MAX) },
    });
  });
  beforeEach(() => stack.simulate("DELETE", "/received"));
  afterAll(() => stack?.close());

  testMainJob(running, backend.name);
  testSeveralWorkers(running);
  testSchedule(running);
  if (backend.name === "postgres") {
    testRollingRestart(running);
    // What is Postgres's to know, whatever the queues are on.
    testCancel(running);
    testScheduleAcrossDeaths(running);
  } else {
    testEnds(running);
  }
  testBoundedQueue(running);
  testLostQueue(running);
});
