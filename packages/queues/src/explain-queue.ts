import { isNotPermitted } from "./not-permitted.js";
import type { RedisPlace } from "./redis-place.js";

/** Says in a sentence why the queues on Redis can not be used. */
export class QueueUnusableError extends Error {
  override readonly name = "QueueUnusableError";
  readonly forOperator = true;
}

/** Redis's words for a user or password that it refuses. */
const NO_ACCESS = /\b(NOAUTH|WRONGPASS)\b|called without any password|without any user/;

/** As `checkMemory` says it. */
const OF_ITS_MEMORY = /^Redis (evicts jobs|is out of memory)/;

/** What a connection comes to when one side speaks TLS and the other does not. */
const NO_TLS = /ETIMEDOUT|ECONNRESET|SSL|socket (hang up|disconnected)|Connection is closed/;

/** What an error of the queues means to whoever set REDIS_URL or REDIS_CLUSTER_NODES. */
export function explainQueue(error: unknown, place: RedisPlace): Error {
  const isCluster = !("url" in place);
  const [setting, what] = isCluster ? ["REDIS_CLUSTER_NODES", "the Redis Cluster"] : ["REDIS_URL", "Redis"];
  const at = isCluster ? place.clusterNodes.map(hostOf).join(", ") : hostOf(place.url);
  const reason = error instanceof Error ? error : new Error(String(error));
  const unusable = (sentence: string) => new QueueUnusableError(sentence, { cause: error });
  if (NO_ACCESS.test(reason.message)) {
    return unusable(
      `${capital(what)} at ${at} refuses the user or the password: set ${setting} to a URL with the right ones.`,
    );
  }
  // It says where it is written what has to be permitted.
  if ([error, reason.cause].some(isNotPermitted)) return unusable(reason.message);
  const why = lastLine(reason);
  if (reason.name === "ReplyError" || OF_ITS_MEMORY.test(reason.message)) {
    return unusable(
      `${capital(what)} at ${at} can not have the queues (${why}): mend that, or set ${setting} to another one.`,
    );
  }
  const isTls = (isCluster ? (place.clusterNodes[0] ?? "") : place.url).startsWith("rediss:");
  if (isTls && NO_TLS.test(`${(reason as NodeJS.ErrnoException).code} ${reason.message}`)) {
    return unusable(
      `${capital(what)} at ${at} does not answer over TLS (${why}): if it speaks none, begin ${setting} with redis:// instead of rediss://; else see that it runs.`,
    );
  }
  return unusable(
    `${capital(what)} at ${at} can not be reached (${why}): start it there, or set ${setting} to where it is; without ${setting} the queues are in Postgres.`,
  );
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** Without where in a script of BullMQ's Redis met it. */
function lastLine({ message, name }: Error): string {
  const line = (message || name).trim().split("\n").at(-1) ?? "";
  return line.replace(/,? script: [0-9a-f]{40}.*$/, "").replace(/\.$/, "");
}

/** Without the user and the password. */
function hostOf(place: string): string {
  const { host, port } = new URL(place.includes("://") ? place : `redis://${place}`);
  return port ? host : `${host}:6379`;
}
