import pg from "pg";
import type { SpawnedPostgres } from "./spawn-postgres.js";

/** How long Postgres may be silent after its start, in milliseconds. */
const SILENCE_MS = 60_000;

/** What Postgres says while it recovers from a crash: it is at work, however long that takes. */
const CANNOT_CONNECT_NOW = "57P03";

/**
 * Resolves once a starting Postgres answers.
 *
 * @throws Error when it ends, or says nothing for a minute.
 */
export async function waitUntilReady(url: string, { exited, ended }: SpawnedPostgres): Promise<void> {
  let heardAt = performance.now();
  for (;;) {
    // Who holds a port that was asked for may take the connection and say nothing.
    const problem = await Promise.race([tryConnect(url), exited.then(ended)]);
    if (problem === undefined) return;
    const why = ended();
    if (why !== undefined) throw new Error(`Postgres did not start (${why}).`);
    if (problem === CANNOT_CONNECT_NOW) heardAt = performance.now();
    if (performance.now() - heardAt > SILENCE_MS) {
      throw new Error(`Postgres did not answer within ${SILENCE_MS / 1000} s (last: ${problem}).`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function tryConnect(connectionString: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 });
  // A server that ends at this moment breaks the connection while it is being closed.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return code ?? message;
  } finally {
    await client.end().catch(() => undefined);
  }
}
