export { aMessage, someRecipients } from "./builders.js";
export { leakGuard } from "./leak-guard.js";
export { queueBackends, queueNamespace, type TestQueueBackend } from "./queue-backends.js";
export { createTestDatabase, type TestDatabase } from "./test-database.js";
export { until } from "./until.js";
