export { createDeliverer, type Deliverer } from "./deliver.js";
export { openNodeHttp2Session } from "./node-http2-session.js";
export type { DeliverableOperation, DeliveryStore, PreparedSend, PushClient, SendResult } from "./ports.js";
export type { OpenSession, PushReply, PushRequest, PushSession, RequestSender, Settle } from "./push-session.js";
export { SessionConnectError } from "./push-session.js";
export { parseRetryAfter } from "./retry-after.js";
export { createSessionPool, type SessionPool } from "./session-pool.js";
