export {
  type AcceptedOperation,
  type AcceptResult,
  acceptOperation,
  findRepeated,
  type NewOperation,
  type RepeatedOperation,
  UnknownCommitError,
} from "./accept-operation.js";
export {
  createAccount,
  ensureEnvironmentAccount,
  findAccount,
  listAccounts,
  lockAccount,
  rotateToken,
  type StoredAccount,
  updateAccount,
} from "./accounts.js";
export {
  type ApiKeyProof,
  countApiKeys,
  createApiKey,
  findApiKeyOf,
  findApiKeyProof,
  listApiKeys,
  revokeApiKey,
  type StoredApiKey,
} from "./api-keys.js";
export {
  findApp,
  findAppName,
  findSender,
  findSenderByCredentials,
  listApps,
  type Sender,
  type StoredApp,
  updateApp,
} from "./apps.js";
export {
  listAuditEvents,
  type NewAuditEvent,
  recordAuditEvent,
  type StoredAuditEvent,
} from "./audit-events.js";
export { findBacklog } from "./backlog.js";
export { cancelOperation, cancelUnheldBatches, findCanceling } from "./cancel-operation.js";
export type { CompletedOperation, OnCompleted } from "./completed-operations.js";
export { connectDb, type Db, pingDb, pingDbAnew, type Tx } from "./connect.js";
export {
  type AppLimits,
  createCredential,
  createCredentialCheck,
  deleteCredential,
  findCheckedCredential,
  findCredential,
  findCredentialCheck,
  findEnvironmentCredentials,
  listCredentials,
  loadCredential,
  type NewCredential,
  recordCredentialCheck,
  replaceEnvironmentCredential,
  resealCredentials,
  type StoredCredential,
  updateCredential,
} from "./credentials.js";
export {
  deleteDeviceRegistration,
  deleteUser,
  findDeviceRegistration,
  findUnknownUsers,
  findUser,
  listDeviceRegistrations,
  listUsers,
  registerDevices,
  type StoredDeviceRegistration,
  type StoredUser,
} from "./device-registrations.js";
export { disconnectDb } from "./disconnect.js";
export {
  AGAIN_MAX_MS,
  claimDueDeliveryBatches,
  claimDueRecipientBatches,
  type DueBatch,
  type DueOptions,
  type LeftBatch,
  makeDeliveryBatchesDue,
  makeRecipientBatchesDue,
  returnDeliveryBatches,
  returnRecipientBatches,
} from "./due-batches.js";
export { explainDatabase, isStartingUp } from "./explain-database.js";
export {
  type FannedOut,
  type FanOutOperation,
  holdRecipientBatches,
  type NewDeliveryBatch,
  type NewNotification,
  newDeliveryBatch,
  type RecipientBatch,
  replaceByFannedOut,
} from "./fan-out-batches.js";
export { findDevicesOfUsers, type UserDevice } from "./find-devices.js";
export { type DispatchWork, findDispatchWork } from "./find-dispatch-work.js";
export {
  type FoundNotification,
  findNotifications,
  type NotificationCursor,
  type NotificationFilter,
} from "./find-notifications.js";
export { findOperation, findOperations, type StoredOperation } from "./find-operation.js";
export {
  findDeadTokenKeys,
  forgetSuspectedTokens,
  hasDeadTokens,
  type InvalidTokenCursor,
  listInvalidTokens,
  type StoredInvalidToken,
} from "./invalid-tokens.js";
export { type AttemptCursor, listAttempts, type StoredAttempt } from "./list-attempts.js";
export { listNotifications, type StoredNotification } from "./list-notifications.js";
export { listOperationErrors, type StoredOperationError } from "./list-operation-errors.js";
export { listOperations, type OperationFilter } from "./list-operations.js";
export { logCompleted } from "./log-completed.js";
export { migrate } from "./migrate.js";
export type { OperationSender } from "./operation-senders.js";
export {
  databaseKind,
  isDatabaseUnavailable,
  isRefusedContent,
  isSilence,
  isUniqueViolation,
  mayBeCommitted,
} from "./postgres-errors.js";
export { createProviderStore, type ProviderStore } from "./provider-store.js";
export { recountOperation } from "./recount-operation.js";
export { type RedriveResult, redriveOperation } from "./redrive-operation.js";
export { removeExpired } from "./remove-expired.js";
export { isNotAtHand, NotMigratedError, requireMigrated } from "./require-migrated.js";
export { type Keyring, masterKeyId, openSecret, sealSecret, UnknownMasterKeyError } from "./sealed-secret.js";
export { millisecondsToNextSchedule, startScheduledOperations } from "./start-scheduled.js";
export {
  fanOutAlone,
  giveBackRecipientBatches,
  renewRecipientBatches,
  splitRecipientBatch,
} from "./suspect-recipient-batches.js";
export { wakeBatchesOf } from "./wake-batches.js";
export { createWriteProbe, type WriteProbe } from "./write-probe.js";
