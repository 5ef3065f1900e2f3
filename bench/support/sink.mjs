import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { startProcess } from "./child-process.mjs";
import { cpuMicros, peakMemoryMb } from "./process-usage.mjs";

const MAIN = fileURLToPath(new URL("../../apps/simulator/dist/main.js", import.meta.url));

/** Starts the sink that everything of a run sends to. Whoever starts it stops it. */
export async function startSink() {
  const dataDir = mkdtempSync(join(tmpdir(), "fanfare-bench-sink-"));
  const ports = ["FCM", "APNS", "APNS_SANDBOX", "CONTROL"].map((name) => [`SIMULATOR_${name}_PORT`, "0"]);
  const env = { ...Object.fromEntries(ports), FANFARE_DATA_DIR: dataDir, SIMULATOR_MODE: "sink" };
  const child = await startProcess(process.execPath, [MAIN], { env });
  const connection = JSON.parse(readFileSync(join(dataDir, "simulator", "simulator.json"), "utf8"));
  const ask = async (path, init) => {
    const res = await fetch(`${connection.controlUrl}${path}`, init);
    if (!res.ok) throw new Error(`The sink answered ${res.status} to ${path}`);
    return res;
  };

  return {
    ...connection,
    usage: () => cpuMicros(child.pid),
    peakMemoryMb: () => peakMemoryMb(child.pid),
    /** Forgets all that it received. */
    async clear() {
      await ask("/received", { method: "DELETE" });
    },
    /** Of both providers together. */
    async counts() {
      const { FCM, APN } = await (await ask("/counts")).json();
      const sum = (field) => FCM[field] + APN[field];
      return { tokens: sum("tokens"), duplicates: sum("acceptedMoreThanOnce"), total: sum("total") };
    },
    /** When each token that begins with `prefix` came first, in microseconds of the machine's monotonic clock. */
    async receipts(prefix) {
      const text = await (await ask(`/receipts?${new URLSearchParams({ prefix })}`)).text();
      const lines = text.split("\n").filter(Boolean);
      return new Map(lines.map((line) => JSON.parse(line)).map(({ token, atMicros }) => [token, atMicros]));
    },
    async stop() {
      await child.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
