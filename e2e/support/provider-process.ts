import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "@fanfare/testkit";

/** A simulator in a process of its own, that nobody but its owner starts again. */
export interface ProviderProcess {
  dataDir: string;
  /** Where those who send find it, and what they send with. */
  senderEnv: Record<string, string>;
  controlUrl: string;
  /** Kills it (SIGKILL), and starts it again on the same ports with the same keys, knowing what it had counted. */
  killAndStart(): Promise<void>;
  end(): Promise<void>;
}

const MAIN = fileURLToPath(new URL("../../apps/simulator/dist/main.js", import.meta.url));

/** Starts it in a folder of its own, which is whoever's that runs an installation in it. */
export async function startProviderProcess(): Promise<ProviderProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), "fanfare-e2e-"));
  const ports = await freePorts(
    "SIMULATOR_FCM_PORT",
    "SIMULATOR_APNS_PORT",
    "SIMULATOR_APNS_SANDBOX_PORT",
    "SIMULATOR_CONTROL_PORT",
  );
  const env = { ...ports, FANFARE_DATA_DIR: dataDir, SIMULATOR_KEEP_COUNTS: "true" };

  // Over the channel it hears when the test run is gone, and ends.
  const start = async () => {
    const started = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const died = once(started, "exit").then(([code]) => Promise.reject(new Error(`The provider ended with ${code}.`)));
    await Promise.race([once(started, "message"), died]);
    // Once it has begun, its end is its owner's doing.
    died.catch(() => undefined);
    return started;
  };
  const end = async (ended: ChildProcess, signal: NodeJS.Signals) => {
    const gone = once(ended, "exit");
    ended.kill(signal);
    await gone;
  };

  let child = await start();
  const found = JSON.parse(readFileSync(join(dataDir, "simulator", "simulator.json"), "utf8")) as Record<
    string,
    string
  >;
  const of = (name: string) => found[name] ?? "";
  return {
    dataDir,
    controlUrl: of("controlUrl"),
    senderEnv: {
      FCM_BASE_URL: of("fcmUrl"),
      FCM_TOKEN_URL: `${of("fcmUrl")}/token`,
      APNS_BASE_URL: of("apnsUrl"),
      APNS_SANDBOX_URL: of("apnsSandboxUrl"),
      PROVIDER_CA_FILE: of("caFile"),
      FCM_SERVICE_ACCOUNT: of("fcmServiceAccountFile"),
      APNS_KEY: of("apnsKeyFile"),
      APNS_KEY_ID: of("apnsKeyId"),
      APNS_TEAM_ID: of("apnsTeamId"),
      APNS_TOPIC: of("apnsTopic"),
    },
    async killAndStart() {
      await end(child, "SIGKILL");
      child = await start();
    },
    end: () => end(child, "SIGTERM"),
  };
}
