import { configSchema as api } from "@fanfare/api";
import { configSchema as apnsWorker } from "@fanfare/apns-worker";
import { configSchema as cli } from "@fanfare/cli";
import { configSchema as fanoutWorker } from "@fanfare/fanout-worker";
import { configSchema as fcmWorker } from "@fanfare/fcm-worker";
import { configSchema as simulator } from "@fanfare/simulator";

/** The schema of each app's settings. */
export const CONFIG_SCHEMAS = {
  api,
  "apns-worker": apnsWorker,
  cli,
  "fanout-worker": fanoutWorker,
  "fcm-worker": fcmWorker,
  simulator,
};
