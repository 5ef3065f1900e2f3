import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Simulator } from "@fanfare/simulator";
import apn from "apn";

/** What firebase-admin said of one message. */
export interface FirebaseResult {
  success: boolean;
  messageId?: string;
  code?: string;
}

/** Sends messages with firebase-admin, in a process of its own whose connections to Google reach the simulator. */
export async function sendWithFirebaseAdmin(simulator: Simulator, messages: object[]): Promise<FirebaseResult[]> {
  const dir = await mkdtemp(join(tmpdir(), "fanfare-firebase-"));
  const caFile = join(dir, "ca.pem");
  await writeFile(caFile, simulator.ca);
  const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ["--import", path("redirect-google.mjs"), path("firebase-admin-send.mjs")], {
    env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: caFile, SIMULATOR_PORT: new URL(simulator.urls.fcm).port },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(
    JSON.stringify({ serviceAccount: JSON.parse(simulator.customer.fcmServiceAccount) as object, messages }),
  );
  const output = await text(child.stdout);
  await rm(dir, { recursive: true });
  return JSON.parse(output) as FirebaseResult[];
}

/** Makes `apn`'s own Provider, pointed at the simulator. Whoever makes it calls `shutdown`. */
export function apnProvider({ customer, ca, urls }: Simulator): apn.Provider {
  return new apn.Provider({
    token: { key: customer.apnsKey, keyId: customer.apnsKeyId, teamId: customer.apnsTeamId },
    address: "localhost",
    port: Number(new URL(urls.apns).port),
    ca: [ca],
    production: true,
  });
}
