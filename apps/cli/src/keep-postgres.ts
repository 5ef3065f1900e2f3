import { type EmbeddedPostgres, startEmbeddedPostgres } from "@fanfare/embedded-postgres";

/** An embedded Postgres that is started again when it ends though nobody stopped it. */
export interface KeptPostgres {
  url: string;
  stop(): Promise<void>;
  /** Of the present postmaster. */
  readonly pid: number;
}

const RESTART_PAUSE_MS = 500;

/** Starts the embedded Postgres of a data directory and keeps it running, on the same port, until it is stopped. */
export async function keepPostgres(dataDir: string, onEvent: (event: string) => void): Promise<KeptPostgres> {
  let stopping = false;
  let restarting: Promise<void> = Promise.resolve();
  let postgres: EmbeddedPostgres = await start();

  function start(port?: number): Promise<EmbeddedPostgres> {
    const onExit = (why: string) => {
      onEvent(`died (${why.split("\n")[0]}); starting it again`);
      restarting = restart(postgres.port);
    };
    return startEmbeddedPostgres({ dataDir, onExit, ...(port === undefined ? {} : { port }) });
  }

  async function restart(port: number): Promise<void> {
    await postgres.stop();
    while (!stopping) {
      try {
        postgres = await start(port);
        onEvent("runs again");
        return;
      } catch (error) {
        // Its orphaned backends may hold the data directory for a moment.
        onEvent(`did not start: ${(error as Error).message}`);
        await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS));
      }
    }
  }

  return {
    url: postgres.url,
    get pid() {
      return postgres.pid;
    },
    async stop() {
      stopping = true;
      await restarting;
      await postgres.stop();
    },
  };
}
