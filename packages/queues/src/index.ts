export { boardQueues } from "./board.js";
export { type BatchQueueName, DELIVERY_QUEUES, QUEUE_NAMES, type QueueName } from "./catalog.js";
export { connectQueues, type JobCounts, migrateQueues, type QueueConnection } from "./connection.js";
export { type Consumer, consume, consumeChecks } from "./consume.js";
export { createEnqueueStored, type EnqueueStoredOptions } from "./enqueue-stored.js";
export { createProducer, enqueueCheck, type Producer } from "./produce.js";
export { isQueueAway, queueKind } from "./queue-errors.js";
export { QueueFullError } from "./queue-room.js";
export { type RedisPlace, redisPlace } from "./redis-place.js";
