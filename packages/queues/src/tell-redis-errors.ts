import type { RedisClient } from "./open-redis.js";

/** Tells of errors of a connection. A cluster's client says only that it could ask no node, and keeps what the last one said. */
export function tellRedisErrors(redis: RedisClient, onError: (error: Error) => void): void {
  redis.on("error", (error: Error & { lastNodeError?: unknown }) => {
    const { lastNodeError: cause } = error;
    const isSaid = cause instanceof Error;
    onError(isSaid ? new Error(`No node of the Redis Cluster answers: ${cause.message}`, { cause }) : error);
  });
}
