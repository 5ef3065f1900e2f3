export { type ClientRegistry, createClientRegistry } from "./client-registry.js";
export { type CredentialWatch, createCredentialWatch } from "./credential-watch.js";
export { createDeliverer, type Deliverer } from "./deliver.js";
export { type GuardOptions, guardClient } from "./guard-client.js";
export { logConvicted, logLostLease, logNoCredential } from "./log-batches.js";
export type {
  ClientFor,
  DeliverableOperation,
  DeliveryStore,
  LoadedCredential,
  NotSent,
  PreparedSend,
  PushClient,
  SendResult,
} from "./ports.js";
export type {
  OpenSession,
  ProviderReply,
  PushReply,
  PushRequest,
  PushSession,
  RequestSender,
  Settle,
} from "./push-session.js";
export { NOT_WANTED, SessionConnectError } from "./push-session.js";
export { parseRetryAfter } from "./retry-after.js";
export { SESSION_OPENERS } from "./session-openers.js";
export { createSessionPool, type SessionPool } from "./session-pool.js";
export {
  createSessionPools,
  type SessionOwner,
  type SessionPoolsOptions,
} from "./session-pools.js";
export { createShared, type Held } from "./shared-resources.js";
export { isUnsent, unsentRequest } from "./unsent-request.js";
export { notVerified, verificationStopped, verifyByPush } from "./verify-by-push.js";
export { logVerification, verifyUsable } from "./verify-usable.js";
export { whileWanted } from "./while-wanted.js";
