import { type RunningStack, runStack } from "../support/run-stack.js";

/** The installation that all tests of this folder share. */
export let stack: RunningStack;

beforeAll(async () => {
  // Logs at their most talkative: no secret may be in them, whatever is done.
  stack = await runStack({ env: { LOG_LEVEL: "trace", APPS_PER_ACCOUNT: "200", FCM_RAMP_SECONDS: "0" } });
});
afterAll(() => stack?.close());
