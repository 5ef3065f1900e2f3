export { AppError, ERROR_CATALOG, type ErrorCode, type FieldProblem } from "./app-error.js";
export { type AttemptResource, attemptSchema } from "./attempt.js";
export type { AttemptRecord, LeasedBatch, LeaseRef, LineRecord, RecordedLine } from "./delivery-batch.js";
export {
  type DeliveryLine,
  decodeLines,
  decodeRecipients,
  encodeLines,
  encodeRecipients,
} from "./delivery-line.js";
export {
  ATTEMPT_OUTCOMES,
  type AttemptOutcome,
  attemptOutcomeSchema,
  type Blame,
  type DeliveryOutcome,
} from "./delivery-outcome.js";
export {
  ACCOUNT_ID_PATTERN,
  accountUuid,
  formatAttemptId,
  formatId,
  MAX_ORDINAL,
  mintOperationId,
  mintRowId,
  notificationUlids,
  notificationUuid,
  parseId,
  splitNotificationUuid,
  ulidOf,
} from "./ids.js";
export {
  type NotificationDetails,
  type NotificationResource,
  type NotificationStatus,
  notificationDetailsSchema,
  notificationSchema,
} from "./notification.js";
export { type Decision, decide, mayMove, TRANSITIONS } from "./notification-state.js";
export { type OperationResource, type OperationStatus, operationSchema } from "./operation.js";
export { PROVIDERS, type Provider, providerSchema } from "./provider.js";
export { type Content, isSilent, type PushMessage, pushMessageSchema, TTL_MAX_SECONDS } from "./push-message.js";
export { DEFAULT_RETRY_POLICY, type RetryPolicy, retryDelayMs } from "./retry-policy.js";
export {
  RECIPIENTS_MAX,
  type Recipient,
  type SendRequest,
  sendRequestSchema,
  TOKEN_MAX_LENGTH,
  withoutDuplicates,
} from "./send-request.js";
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
export { storableText } from "./storable-text.js";
