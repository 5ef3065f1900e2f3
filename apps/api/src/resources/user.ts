import type { StoredDeviceRegistration, StoredInvalidToken, StoredUser } from "@fanfare/db";
import {
  type DeviceRegistrationResource,
  formatId,
  type InvalidTokenResource,
  type UserResource,
} from "@fanfare/domain";

/** A device registration as the API shows it. */
export function toDeviceRegistrationResource(registration: StoredDeviceRegistration): DeviceRegistrationResource {
  const { id, appName, userId, provider, token, createdAt, registeredAt } = registration;
  return {
    id: formatId("device_registration", id),
    appName,
    userId: formatId("pushnotificationuser", userId),
    provider,
    token,
    createdAt: createdAt.toISOString(),
    updatedAt: registeredAt.toISOString(),
  };
}

/** A user as the API shows it. */
export function toUserResource({ id, devices, createdAt }: StoredUser): UserResource {
  return { id: formatId("pushnotificationuser", id), devices, createdAt: createdAt.toISOString() };
}

/** An entry of the feed of dead tokens as the API shows it. */
export function toInvalidTokenResource(invalid: StoredInvalidToken): InvalidTokenResource {
  const { provider, token, appName, credentialId, code, invalidatedAt, recordedAt } = invalid;
  return {
    provider,
    token,
    appName,
    credentialId: formatId("credential", credentialId),
    code,
    invalidatedAt: invalidatedAt.toISOString(),
    recordedAt: recordedAt.toISOString(),
  };
}
