import type { Route } from "./route.js";
import {
  changeAccount,
  createAccountRoute,
  fetchAccount,
  listAllAccounts,
  rotateAuthToken,
} from "./routes/accounts.js";
import { changeApp, fetchApp, listAllApps } from "./routes/apps.js";
import { listAccountAudit, listAudit } from "./routes/audit.js";
import {
  changeCredential,
  createCredentialRoute,
  fetchCredential,
  listAllCredentials,
  removeCredential,
  verifyCredential,
} from "./routes/credentials.js";
import {
  fetchRegistration,
  listInvalidTokensRoute,
  listRegistrations,
  register,
  removeRegistration,
} from "./routes/device-registrations.js";
import { createApiKeyRoute, fetchApiKey, listAllApiKeys, revokeApiKeyRoute } from "./routes/keys.js";
import { fetchNotification, listNotificationAttempts, listNotificationsRoute } from "./routes/notifications.js";
import { streamOperation } from "./routes/operation-events.js";
import { cancel, fetchOperation, listAllOperations, listErrors, listOperationAttempts } from "./routes/operations.js";
import { sendNotifications } from "./routes/send-notifications.js";
import { checkHealth, checkReadiness, fetchDocument } from "./routes/server.js";
import { fetchUser, listAllUsers, removeUser } from "./routes/users.js";

/** Every route of accounts and the operator. */
export const ROUTES: readonly Route[] = [
  sendNotifications,
  listAllOperations,
  fetchOperation,
  cancel,
  listErrors,
  listOperationAttempts,
  streamOperation,
  listAllApps,
  fetchApp,
  changeApp,
  createCredentialRoute,
  listAllCredentials,
  fetchCredential,
  changeCredential,
  removeCredential,
  verifyCredential,
  register,
  listRegistrations,
  fetchRegistration,
  removeRegistration,
  listAllUsers,
  fetchUser,
  removeUser,
  listInvalidTokensRoute,
  listNotificationsRoute,
  fetchNotification,
  listNotificationAttempts,
  createAccountRoute,
  listAllAccounts,
  fetchAccount,
  changeAccount,
  rotateAuthToken,
  createApiKeyRoute,
  listAllApiKeys,
  fetchApiKey,
  revokeApiKeyRoute,
  listAccountAudit,
  listAudit,
];

/** Every route of the process itself. The pages for browsers, `/docs` and `/admin`, are none. */
const SERVER_ROUTES: readonly Route[] = [checkHealth, checkReadiness, fetchDocument];

/** The whole table. */
export const ALL_ROUTES: readonly Route[] = [...ROUTES, ...SERVER_ROUTES];
