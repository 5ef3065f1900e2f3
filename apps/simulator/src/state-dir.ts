import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CUSTOMER, createProviderKeys, serviceAccountJson } from "./provider-keys.js";
import { createTlsIdentity } from "./tls-identity.js";

const secretsSchema = z.object({
  ca: z.string(),
  cert: z.string(),
  key: z.string(),
  apnsKey: z.string(),
  serviceAccountKey: z.string(),
});

/** Everything secret about a simulator: made once, kept where there is a folder for it. */
export type SimulatorSecrets = z.infer<typeof secretsSchema>;

/** The secrets kept in a folder, made when there are none, so that who trusts the simulator trusts it after a restart. */
export async function loadSecrets(dir: string | undefined): Promise<SimulatorSecrets> {
  const file = dir === undefined ? undefined : join(dir, "secrets.json");
  if (file !== undefined && existsSync(file)) return secretsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const secrets = { ...(await createTlsIdentity()), ...createProviderKeys() };
  if (file !== undefined) writeWhole(file, JSON.stringify(secrets));
  return secrets;
}

/** Where the simulator's servers are reached. */
export interface SimulatorUrls {
  fcm: string;
  apns: string;
  apnsSandbox: string;
  control: string;
}

/** Writes what a sender needs to use the simulator as its provider: files, and `simulator.json`, which names them. */
export function writeConnectionFiles(dir: string, secrets: SimulatorSecrets, urls: SimulatorUrls): void {
  const path = (name: string) => join(dir, name);
  const files = {
    caFile: [path("ca.pem"), secrets.ca],
    fcmServiceAccountFile: [path("fcm-service-account.json"), serviceAccountJson(secrets.serviceAccountKey, urls.fcm)],
    apnsKeyFile: [path("apns-key.p8"), secrets.apnsKey],
  } as const;
  for (const [file, content] of Object.values(files)) writeWhole(file, content);
  const connection = {
    fcmUrl: urls.fcm,
    apnsUrl: urls.apns,
    apnsSandboxUrl: urls.apnsSandbox,
    controlUrl: urls.control,
    caFile: files.caFile[0],
    fcmServiceAccountFile: files.fcmServiceAccountFile[0],
    apnsKeyFile: files.apnsKeyFile[0],
    apnsKeyId: CUSTOMER.apnsKeyId,
    apnsTeamId: CUSTOMER.apnsTeamId,
    apnsTopic: CUSTOMER.apnsTopic,
    pid: process.pid,
  };
  writeWhole(path("simulator.json"), JSON.stringify(connection, undefined, 2));
}

// Renamed into place: a reader sees the whole file or the one before.
function writeWhole(file: string, content: string): void {
  mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
