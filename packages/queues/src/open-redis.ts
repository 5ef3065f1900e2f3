import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { RedisPlace } from "./redis-place.js";
import { leaveReplica } from "./redis-replica.js";

/** A connection to one Redis, or to a cluster. */
export type RedisClient = Redis | Cluster;

/** The longest pause between two tries to reach a cluster, in milliseconds. */
const CLUSTER_RETRY_MAX_MS = 2_000;

/** How long a cluster's node may take to say who has which keys, in milliseconds. */
const SLOTS_TIMEOUT_MS = 2_000;

interface ConnectionOptions {
  maxRetriesPerRequest: number | null;
  /** Milliseconds. */
  socketTimeout: number;
  /** Milliseconds. @default 10,000 */
  connectTimeout?: number;
  lazyConnect?: boolean;
}

/** Connects to Redis, or to a cluster of it with the user, the password and the TLS of the first node that is named. */
export function openRedis(place: RedisPlace, options: ConnectionOptions): RedisClient {
  if ("url" in place) return new Redis(place.url, { ...options, reconnectOnError: leaveReplica() });
  const { lazyConnect = false, ...redisOptions } = options;
  const urls = place.clusterNodes.map((node) => new URL(node.includes("://") ? node : `redis://${node}`));
  const nodes = urls.map(({ hostname, port }) => ({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || 6379),
  }));
  const cluster = new Cluster(nodes, {
    ...{ lazyConnect, slotsRefreshTimeout: SLOTS_TIMEOUT_MS, redisOptions: { ...redisOptions, ...accessOf(urls[0]) } },
    clusterRetryStrategy: (times) => Math.min(100 * times, CLUSTER_RETRY_MAX_MS),
    // A certificate is for a name; by default the name would be resolved before.
    dnsLookup: (host, callback) => callback(null, host),
  });
  if (options.maxRetriesPerRequest !== null) refuseWhileAway(cluster);
  return cluster;
}

function accessOf(url: URL | undefined): Pick<RedisOptions, "username" | "password" | "tls"> {
  return {
    ...(url?.username && { username: decodeURIComponent(url.username) }),
    ...(url?.password && { password: decodeURIComponent(url.password) }),
    ...(url?.protocol === "rediss:" && { tls: {} }),
  };
}

/** Of a whole cluster that is away ioredis keeps all that it is asked, for ever, whatever the retries of a request are. */
function refuseWhileAway(cluster: Cluster): void {
  const { flushQueue } = cluster as unknown as { flushQueue(error: Error): void };
  cluster.on("reconnecting", () =>
    flushQueue.call(cluster, new Error("Cluster isn't ready: none of its nodes answers.")),
  );
}
