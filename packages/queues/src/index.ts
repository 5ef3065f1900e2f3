export { boardQueues } from "./board.js";
export { DELIVERY_QUEUES, QUEUE_NAMES, type QueueName } from "./catalog.js";
export { connectQueues, type JobCounts, migrateQueues, type QueueConnection } from "./connection.js";
export { type Consumer, consume } from "./consume.js";
export { createProducer, type Producer } from "./produce.js";
