export { boardQueues } from "./board.js";
export {
  type BatchQueueName,
  CHECK_QUEUES,
  DELIVERY_QUEUES,
  type JobOf,
  QUEUE_NAMES,
  type QueueName,
} from "./catalog.js";
export { connectQueues, type JobCounts, migrateQueues, type QueueConnection } from "./connection.js";
export { type Consumer, consume } from "./consume.js";
export { enqueue } from "./enqueue.js";
export { createEnqueueStored, type EnqueueStoredOptions } from "./enqueue-stored.js";
export { explainQueue } from "./explain-queue.js";
export { createProducer, type Producer } from "./produce.js";
export { isQueueAway, queueKind } from "./queue-errors.js";
export { QueueFullError } from "./queue-room.js";
export { type RedisPlace, redisPlace } from "./redis-place.js";
export { tellQueueError } from "./tell-queue-error.js";
