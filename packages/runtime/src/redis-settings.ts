import { z } from "zod";
import { hasPlainAccess, serverUrl } from "./server-url.js";

const NODE_FORM =
  "must be host:port or redis:// or rediss:// URLs without a database, separated by commas, such as redis-1:6379,redis-2:6379";

/** Settings of every process that has to do with the queues. */
export const redisSettings = {
  /** Redis for the queues; absent, like REDIS_CLUSTER_NODES: the queues live in Postgres. */
  REDIS_URL: serverUrl(/^rediss?$/, "redis://user:password@host:6379", hasPlainAccess)
    .refine(hasNumberedDatabase, "must have nothing after host and port but the number of a database, such as /1")
    .optional(),
  /**
   * Some nodes of a Redis Cluster for the queues, separated by commas, as `host:port` or URLs; the others are found through them.
   * The first one's user, password and TLS (`rediss:`) hold for all. Instead of REDIS_URL.
   */
  REDIS_CLUSTER_NODES: z
    .string()
    .refine((nodes) => nodes.split(",").every(isClusterNode), {
      error: ({ input }) => `${NODE_FORM}; these ${String(input).length} characters are not`,
    })
    .optional(),
};

interface RedisConfig {
  REDIS_URL?: string | undefined;
  REDIS_CLUSTER_NODES?: string | undefined;
}

/** A schema that has {@link redisSettings}, and refuses two places on Redis at once. */
export function oneRedis<Schema extends z.ZodType<RedisConfig>>(settings: Schema): Schema {
  return settings.refine(
    ({ REDIS_URL, REDIS_CLUSTER_NODES }) => REDIS_URL === undefined || REDIS_CLUSTER_NODES === undefined,
    {
      path: ["REDIS_CLUSTER_NODES"],
      error: "must not be set together with REDIS_URL: the queues are on a cluster or on one server",
    },
  );
}

function hasNumberedDatabase(url: string): boolean {
  // Of what is no URL another rule tells.
  return !URL.canParse(url) || /^\/?\d*$/.test(new URL(url).pathname);
}

function isClusterNode(text: string): boolean {
  const node = text.trim();
  const isUrl = node.includes("://");
  const address = isUrl ? node : `redis://${node}`;
  if (!URL.canParse(address)) return false;
  if (!hasPlainAccess(address)) return false;
  const { protocol, hostname, port, pathname, search, hash, username } = new URL(address);
  if (!/^rediss?:$/.test(protocol) || hostname === "" || search !== "" || hash !== "") return false;
  return /^\/?0?$/.test(pathname) && (isUrl || (port !== "" && username === ""));
}
