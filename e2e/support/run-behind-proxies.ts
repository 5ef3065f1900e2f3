import { createTestDatabase, startTcpProxy, type TcpProxy } from "@fanfare/testkit";
import { type RunningStack, type RunOptions, runStack } from "./run-stack.js";

/** An installation whose stores can be taken away from it. */
export interface ProxiedStack {
  stack: RunningStack;
  /** Of its database, past the proxy. */
  databaseUrl: string;
  postgres: TcpProxy;
  /** Before nothing when the queues are on Postgres. */
  redis: TcpProxy;
  /** Lets everything through again. */
  mend(): void;
  close(): Promise<void>;
}

/** Runs an installation with leases of three seconds behind a proxy for each store. Whoever runs it closes it. */
export async function runBehindProxies(redisUrl: string | undefined, options: RunOptions): Promise<ProxiedStack> {
  const database = await createTestDatabase();
  const [postgres, redis] = [await startTcpProxy(), await startTcpProxy()];
  const stack = await runStack({
    ...options,
    env: {
      ...options.env,
      DATABASE_URL: postgres.before(database.url),
      ...(redisUrl && { REDIS_URL: redis.before(redisUrl) }),
      LEASE_MS: "3000",
    },
  });
  return {
    ...{ stack, postgres, redis, databaseUrl: database.url },
    mend() {
      for (const proxy of [postgres, redis]) proxy.set({ kind: "pass" });
    },
    async close() {
      try {
        await stack.close();
      } finally {
        for (const proxy of [postgres, redis]) proxy.end();
        await database.drop();
      }
    },
  };
}
