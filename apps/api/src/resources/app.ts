import type { StoredApp, StoredCredential } from "@fanfare/db";
import { type AppResource, type CredentialResource, formatId } from "@fanfare/domain";

/** An app as the API shows it. */
export function toAppResource({
  name,
  isDefault,
  onUnknown,
  credentials,
  createdAt,
  updatedAt,
}: StoredApp): AppResource {
  return {
    name,
    isDefault,
    onUnknown: onUnknown === "FAIL" ? "fail" : "resend",
    defaultCredentials: credentials.map(({ id, type }) => ({ id: formatId("credential", id), credentialType: type })),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** A credential as the API shows it. */
export function toCredentialResource({
  id,
  type,
  isDefault,
  app,
  createdAt,
  updatedAt,
}: StoredCredential): CredentialResource {
  return {
    id: formatId("credential", id),
    credentialType: type,
    isDefault,
    appName: app.name,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
