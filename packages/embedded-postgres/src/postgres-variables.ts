type Env = Readonly<Record<string, string | undefined>>;

// biome-ignore lint/style/noProcessEnv: node-postgres and the programs of Postgres read them there.
const ours = process.env;

const isPostgresVariable = (name: string) => name.startsWith("PG");

/**
 * An environment without the variables of libpq and of the server (`PGSSLMODE`, `PGOPTIONS`, `PGDATA`…): in a shell
 * they are about some other Postgres, and the embedded one is not to be reached, nor started, by them.
 */
export function withoutPostgresVariables(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isPostgresVariable(name)));
}

/** Takes them out of the environment of this process: clients read them at each connection, whatever the URL says. */
export function forgetPostgresVariables(): void {
  for (const name of Object.keys(ours)) if (isPostgresVariable(name)) delete ours[name];
}

/**
 * What a postmaster is started with, besides what is not forgotten. It does not start while a process has the number that
 * is in `postmaster.pid`, be it a zombie that nobody waits for or another program by now, unless that is its grandparent by
 * this variable, which pg_ctl sets (Postgres, src/backend/utils/init/miscinit.c). That no other postmaster uses the data it
 * finds by their shared memory all the same.
 */
export function postmasterEnv(formerPid: number | undefined): Env {
  return { ...ours, ...(formerPid === undefined ? {} : { PG_GRANDPARENT_PID: String(formerPid) }) };
}
