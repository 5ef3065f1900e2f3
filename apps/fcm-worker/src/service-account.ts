import { createPrivateKey } from "node:crypto";
import { cert } from "firebase-admin/app";
import { z } from "zod";

const serviceAccountSchema = z.object({
  project_id: z.string().min(1),
  client_email: z.string().min(1),
  private_key: z.string().min(1),
  private_key_id: z.string().optional(),
  token_uri: z.url({ protocol: /^https$/ }).default("https://oauth2.googleapis.com/token"),
});

/** A Google service account, as the Firebase console hands it out. */
export type ServiceAccount = z.infer<typeof serviceAccountSchema>;

/**
 * Reads a service account.
 *
 * @throws Error that names the field that is missing or wrong, and never carries the key.
 */
export function parseServiceAccount(json: string): ServiceAccount {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    // The parser's message would quote the text, which holds the key.
    throw new Error("FCM_SERVICE_ACCOUNT is not JSON.");
  }
  const result = serviceAccountSchema.safeParse(parsed);
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new Error(`FCM_SERVICE_ACCOUNT is not a service account: ${problems.join("; ")}`);
  }
  const { project_id, client_email, private_key } = result.data;
  try {
    // Google's own reading of it, so that what it would refuse is refused at start.
    cert({ projectId: project_id, clientEmail: client_email, privateKey: private_key });
    if (createPrivateKey(private_key).asymmetricKeyType !== "rsa") throw new Error("not an RSA key");
  } catch (error) {
    throw new Error("FCM_SERVICE_ACCOUNT: private_key is not an RSA private key in PEM form.", { cause: error });
  }
  return result.data;
}
