/** Where the queues are on Redis: one server, or a cluster, of which some nodes are enough (URLs or `host:port`). */
export type RedisPlace = { url: string } | { clusterNodes: readonly string[] };

/** Where the settings say that the queues are; `undefined`: not on Redis. Of a cluster when they name both. */
export function redisPlace(settings: {
  REDIS_URL?: string | undefined;
  REDIS_CLUSTER_NODES?: string | undefined;
}): RedisPlace | undefined {
  const { REDIS_URL: url, REDIS_CLUSTER_NODES: nodes } = settings;
  if (nodes) return { clusterNodes: nodes.split(",").map((node) => node.trim()) };
  return url ? { url } : undefined;
}
