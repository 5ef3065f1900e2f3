export { type AcceptedOperation, acceptOperation, type NewOperation } from "./accept-operation.js";
export { connectDb, type Db, pingDb } from "./connect.js";
export { claimDueDeliveryBatches, claimDueRecipientBatches, type DueBatch } from "./due-batches.js";
export { DataDirInUseError } from "./embedded-postgres/data-dir-lock.js";
export { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres/start-embedded-postgres.js";
export {
  type NewDeliveryBatch,
  newDeliveryBatch,
  type RecipientBatch,
  readRecipientBatches,
  replaceByDeliveryBatches,
} from "./fan-out-batches.js";
export { findOperation, type StoredOperation } from "./find-operation.js";
export { listAttempts, type StoredAttempt } from "./list-attempts.js";
export { listNotifications, type StoredNotification } from "./list-notifications.js";
export { migrate } from "./migrate.js";
export { isDatabaseUnavailable } from "./postgres-errors.js";
export { createProviderStore, type ProviderStore } from "./provider-store.js";
export { recountOperation } from "./recount-operation.js";
