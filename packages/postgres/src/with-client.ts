import type { Client } from "pg";
import { explainRefusal } from "./unusable-server.js";
import { type SessionConfig, UtcClient } from "./utc-client.js";

/** How long a connection may take to be made, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Runs statements on a connection of their own, in UTC, which is closed after them.
 *
 * @throws when it can not be made in time, and UnusableServerError when a pooler will never make it.
 */
export async function withClient<Result>(
  url: string,
  applicationName: string,
  run: (client: Client) => Promise<Result>,
  { searchPath }: Pick<SessionConfig, "searchPath"> = {},
): Promise<Result> {
  const client = new UtcClient({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    ...(searchPath !== undefined && { searchPath }),
  });
  // Of a connection that is ended between two queries the next one fails.
  client.on("error", () => undefined);
  await client.connect().catch((error: unknown) => {
    // What fails while a password is agreed upon leaves the connection open, and the process with it.
    void client.end().catch(() => undefined);
    throw explainRefusal(error);
  });
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
