import { generateKeyPairSync, randomInt } from "node:crypto";

/** What makes a key known to the simulated providers: the simulator's control API. */
interface Simulated {
  simulate(method: string, path: string, body?: unknown): Promise<void>;
}

const pem = { type: "pkcs8", format: "pem" } as const;
const aSigningKey = () => generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey.export(pem).toString();
const rsaKey = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export(pem).toString();
const otherRsaKey = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export(pem).toString();

const CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const anAppleId = () => Array.from({ length: 10 }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join("");

/** The content of a credential for APNs that nobody knows yet. */
export const anApnContent = (fields: object = {}) => ({
  key: aSigningKey(),
  keyId: anAppleId(),
  teamId: "KLMNOPQRST",
  bundleId: "com.example.customer",
  ...fields,
});

/** The content of a credential for FCM that nobody knows yet. */
export const anFcmContent = (fields: object = {}) => ({
  type: "service_account" as const,
  project_id: "customer",
  client_email: `${anAppleId().toLowerCase()}@customer.iam.gserviceaccount.com`,
  private_key: rsaKey,
  ...fields,
});

/** A key that no service account has. */
export const foreignRsaKey = otherRsaKey;

/** Makes the simulated Apple know a signing key. */
export async function knownToApple(
  stack: Simulated,
  content: ReturnType<typeof anApnContent>,
  fields: object = {},
): Promise<void> {
  const { key, keyId, teamId } = content;
  await stack.simulate("POST", "/customers", { provider: "APN", key, keyId, teamId, ...fields });
}

/** Makes the simulated Google know a service account. */
export async function knownToGoogle(
  stack: Simulated,
  { project_id, client_email, private_key }: ReturnType<typeof anFcmContent>,
  fields: object = {},
): Promise<void> {
  const customer = { provider: "FCM", projectId: project_id, clientEmail: client_email, key: private_key };
  await stack.simulate("POST", "/customers", { ...customer, ...fields });
}
