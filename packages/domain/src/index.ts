export {
  type AccountResource,
  type ApiKeyResource,
  type AuditAction,
  type AuditEventResource,
  accountSchema,
  accountStatusSchema,
  accountWithTokenSchema,
  apiKeySchema,
  apiKeyWithSecretSchema,
  auditActionSchema,
  auditEventSchema,
  displayNameSchema,
  type Scope,
  scopeSchema,
} from "./account.js";
export { type AddressedState, type AddressState, settleAddresses } from "./addressed-notification.js";
export { apnsExpirationOf, apsAlertOf, isMutable } from "./apns-fields.js";
export {
  type AppResource,
  appNameSchema,
  appSchema,
  type CredentialPart,
  type CredentialResource,
  credentialIdSchema,
  credentialSchema,
  type OnUnknown,
  onUnknownSchema,
  type Verification,
  verificationSchema,
} from "./app.js";
export {
  AppError,
  ERROR_CATALOG,
  type ErrorCode,
  FIELD_CODES,
  type FieldCode,
  type FieldProblem,
} from "./app-error.js";
export { type AttemptResource, attemptSchema } from "./attempt.js";
export { collapseIdOf } from "./collapse-id.js";
export { type Content, isImageUrl } from "./content.js";
export { PAYLOAD_MAX_BYTES, VOIP_PAYLOAD_MAX_BYTES } from "./content-size.js";
export { countValues } from "./count-values.js";
export {
  type ApnContent,
  apnContentSchema,
  CREDENTIAL_MAX_BYTES,
  type CredentialContent,
  type CredentialContentOf,
  contentSchemaOf,
  type FcmContent,
  fcmContentSchema,
  storedContentSchemaOf,
} from "./credential-content.js";
export {
  type AttemptRecord,
  type CredentialRef,
  type DeadToken,
  isStillUnknown,
  type LeasedBatch,
  type LeaseRef,
  type LeftOver,
  type LineRecord,
  leaseKey,
  type RecordedLine,
  SUSPICIOUS_CRASHES,
  type Suspicion,
  splitUp,
} from "./delivery-batch.js";
export {
  type DeliveryLine,
  decodeLines,
  decodeRecipients,
  encodeLines,
  encodeRecipientBatches,
  encodeRecipients,
  lineKey,
  personalMessage,
  type Rendered,
} from "./delivery-line.js";
export {
  ATTEMPT_OUTCOMES,
  type AttemptOutcome,
  attemptOutcomeSchema,
  type Blame,
  type DeliveryOutcome,
} from "./delivery-outcome.js";
export { describeIssue, expectedKind, MISSING } from "./describe-issue.js";
export {
  type DeviceRegistrationResource,
  deviceRegistrationSchema,
  type InvalidTokenResource,
  invalidTokenSchema,
  registerDevicesSchema,
  type UserResource,
  userSchema,
} from "./device-registration.js";
export { EXAMPLE } from "./example-story.js";
export { EXTRAS_KEY, type Extras, extrasOf } from "./extras.js";
export {
  ACCOUNT_ID_PATTERN,
  API_KEY_ID_PATTERN,
  accountUuid,
  apiKeyUuid,
  firstUuidAt,
  formatAccountId,
  formatApiKeyId,
  formatAttemptId,
  formatId,
  type IdKind,
  MAX_ORDINAL,
  mintOperationId,
  mintRowId,
  notificationUlids,
  notificationUuid,
  parseId,
  splitNotificationUuid,
  timeOfUuid,
  ulidOf,
} from "./ids.js";
export { type Json, jsonObjectSchema, messageOf, recordOf } from "./json.js";
export { LANES, type Lane, laneOf } from "./lane.js";
export { mergePatch } from "./merge-patch.js";
export {
  type NotificationDetails,
  type NotificationResource,
  type NotificationStatus,
  notificationDetailsSchema,
  notificationSchema,
  notificationStatusSchema,
} from "./notification.js";
export { type Decision, decide, mayMove, TRANSITIONS } from "./notification-state.js";
export {
  type OperationErrorResource,
  type OperationResource,
  type OperationStatus,
  operationErrorSchema,
  operationSchema,
  operationStatusSchema,
} from "./operation.js";
export { canonicalKey, RSA_BITS_MIN } from "./private-key.js";
export {
  CREDENTIAL_PROVIDERS,
  type CredentialType,
  type CredentialTypeOf,
  credentialTypeSchema,
  isProvider,
  type PerProvider,
  PROVIDER_TRAITS,
  PROVIDERS,
  type Provider,
  type ProviderField,
  perProvider,
  perProviderField,
  providerSchema,
} from "./provider.js";
export {
  isCollapseKey,
  type Override,
  type PushMessage,
  pushMessageSchema,
  TTL_MAX_SECONDS,
} from "./push-message.js";
export { hasText, type PushType, pushTypeOf } from "./push-type.js";
export {
  type Address,
  type Duplicate,
  type Recipient,
  TOKEN_MAX_LENGTH,
  tokenSchema,
  userIdSchema,
  withoutDuplicates,
} from "./recipient.js";
export { refusal } from "./refusal.js";
export { DEFAULT_RETRY_POLICY, type ProviderWish, type RetryPolicy, retryDelayMs } from "./retry-policy.js";
export { readSecretJson } from "./secret-json.js";
export {
  checkSendAt,
  RECIPIENTS_MAX,
  readSendRequest,
  type SendRequest,
  sendRequestSchema,
  withoutFlawless,
} from "./send-request.js";
export { shownId } from "./shown-fields.js";
export {
  applyToStats,
  brokenIdentity,
  initialStats,
  type RowCounts,
  recountStats,
  STATUS_COUNTERS,
  type Stats,
  type StatsEvent,
  statsSchema,
} from "./stats.js";
export { isStorable, storableText } from "./storable-text.js";
export { readStoredMessage, STORED_FORMS } from "./stored-forms.js";
export { isTagValue } from "./tags.js";
export { isTemplate } from "./template-text.js";
export { tokenKey } from "./token-key.js";
export { createTurns, type Turns } from "./turns.js";
export { isUnusableCode, UnusableCredentialError, unusableVerification } from "./unusable-credential.js";
export { boundWaitMs, LONGEST_WAIT_MS } from "./wait.js";
export { type WaitReason, withAdvice } from "./wait-reason.js";
