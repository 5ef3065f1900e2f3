import { freePorts } from "@fanfare/testkit";
import { type RunningStack, runStack } from "../support/run-stack.js";

/** The installation that all tests of this folder share. */
export let stack: RunningStack;

/** Where its delivery workers tell how they are, by provider. */
export let healthUrls: Record<"APN" | "FCM", string>;

beforeAll(async () => {
  const ports = await freePorts("FCM", "APN");
  healthUrls = { FCM: `http://127.0.0.1:${ports.FCM}`, APN: `http://127.0.0.1:${ports.APN}` };
  stack = await runStack({
    // Logs at their most talkative: no secret may be in them, whatever is done.
    env: { LOG_LEVEL: "trace", APPS_PER_ACCOUNT: "200", FCM_RAMP_SECONDS: "0" },
    appEnv: { "fcm-worker": { HEALTH_PORT: ports.FCM }, "apns-worker": { HEALTH_PORT: ports.APN } },
  });
});
afterAll(() => stack?.close());
