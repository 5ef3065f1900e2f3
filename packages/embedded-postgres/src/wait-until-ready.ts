import pg from "pg";
import type { SpawnedPostgres } from "./spawn-postgres.js";

/** How long Postgres may be silent after its start, in milliseconds. */
const SILENCE_MS = 60_000;

/** How long a refusal may last until it is taken for one that stays, in milliseconds. */
const REFUSAL_MS = 5_000;

/** What Postgres says while it recovers from a crash: it is at work, however long that takes. */
const CANNOT_CONNECT_NOW = "57P03";

/** What is met while nobody answers yet. Anything else is said by somebody, or by our own client. */
const SILENCE = new Set([CANNOT_CONNECT_NOW, "ECONNREFUSED", "ECONNRESET", "timeout expired"]);

/**
 * Resolves once a starting Postgres answers.
 *
 * @throws Error when it ends, says nothing for a minute, or refuses us for seconds.
 */
export async function waitUntilReady(url: string, { exited, ended }: SpawnedPostgres): Promise<void> {
  let heardAt = performance.now();
  let refusedSince: number | undefined;
  for (;;) {
    // Who holds a port that was asked for may take the connection and say nothing, or be a server of another kind.
    const problem = await Promise.race([tryConnect(url), exited.then(ended)]);
    if (problem === undefined) return;
    const why = ended();
    if (why !== undefined) throw new Error(`Postgres did not start (${why}).`);
    const now = performance.now();
    if (problem === CANNOT_CONNECT_NOW) heardAt = now;
    refusedSince = SILENCE.has(problem) ? undefined : (refusedSince ?? now);
    if (refusedSince !== undefined && now - refusedSince > REFUSAL_MS) {
      throw new Error(`Postgres refuses the connection (${problem}).`);
    }
    if (now - heardAt > SILENCE_MS) {
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
