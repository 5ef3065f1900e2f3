import { generateKeyPairSync } from "node:crypto";
import type { NewCustomer } from "./customers.js";

/** Keys that the simulated providers hand to their customers; PEM. */
export interface ProviderKeys {
  /** The .p8 key of an Apple developer team: P-256. */
  apnsKey: string;
  /** The RSA key of a Google service account. */
  serviceAccountKey: string;
}

/** The names under which the simulated customer is known to the simulated providers. */
export const CUSTOMER = {
  apnsKeyId: "SIMULATOR1",
  apnsTeamId: "FANFARETEA",
  apnsTopic: "com.example.fanfare",
  fcmProjectId: "fanfare-simulator",
  fcmClientEmail: "sender@fanfare-simulator.iam.gserviceaccount.com",
  fcmKeyId: "0123456789abcdef0123456789abcdef01234567",
} as const;

/** The simulated customer as the registry keeps it. */
export const builtInCustomers = ({ apnsKey, serviceAccountKey }: ProviderKeys): NewCustomer[] => [
  {
    provider: "APN",
    teamId: CUSTOMER.apnsTeamId,
    keyId: CUSTOMER.apnsKeyId,
    key: apnsKey,
    topics: [CUSTOMER.apnsTopic],
  },
  {
    provider: "FCM",
    projectId: CUSTOMER.fcmProjectId,
    clientEmail: CUSTOMER.fcmClientEmail,
    key: serviceAccountKey,
  },
];

/** Makes the keys of a customer. */
export function createProviderKeys(): ProviderKeys {
  const encoding = { type: "pkcs8", format: "pem" } as const;
  return {
    apnsKey: generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey.export(encoding).toString(),
    serviceAccountKey: generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export(encoding).toString(),
  };
}

/** A service account in the form in which the Firebase console hands it out. */
export function serviceAccountJson(privateKey: string, fcmUrl: string): string {
  return JSON.stringify(
    {
      type: "service_account",
      project_id: CUSTOMER.fcmProjectId,
      private_key_id: CUSTOMER.fcmKeyId,
      private_key: privateKey,
      client_email: CUSTOMER.fcmClientEmail,
      client_id: "100000000000000000000",
      token_uri: `${fcmUrl}/token`,
    },
    undefined,
    2,
  );
}
