export { type AnswerValidator, createAnswerValidator, type SeenAnswer } from "./answer-validator.js";
export { aMessage, someRecipients } from "./builders.js";
export { leakGuard } from "./leak-guard.js";
export { queueBackends, queueNamespace, type TestQueueBackend } from "./queue-backends.js";
export { readEvents, type SeenEvent } from "./read-events.js";
export { type LinkMode, startTcpProxy, type TcpProxy } from "./tcp-proxy.js";
export { createTestDatabase, type TestDatabase } from "./test-database.js";
export { until } from "./until.js";
