import { randomBytes } from "node:crypto";
import pg from "pg";

/** A database of one test file's own, migrated and empty. */
export interface TestDatabase {
  url: string;
  /** Whether sessions that are opened from now on may write. */
  setReadOnly(isReadOnly: boolean): Promise<void>;
  /** Ends every session, as a server does that stops. */
  endSessions(): Promise<void>;
  drop(): Promise<void>;
}

/** Clones the template database of the test run. Whoever creates it drops it. */
export const createTestDatabase = (): Promise<TestDatabase> => createDatabase(" template fanfare");

/** A database without any table. Whoever creates it drops it. */
export const createEmptyDatabase = (): Promise<TestDatabase> => createDatabase("");

async function createDatabase(options: string): Promise<TestDatabase> {
  const maintenanceUrl = requireVariable("FANFARE_TEST_DATABASE_URL");
  const name = `test_${randomBytes(6).toString("hex")}`;
  // Postgres clones a template by one at a time and refuses while another clones: the lock makes them take turns.
  await run(maintenanceUrl, `select pg_advisory_lock(1); create database ${name}${options}`);
  return {
    url: maintenanceUrl.replace(/\/postgres$/, `/${name}`),
    setReadOnly: (isReadOnly) =>
      run(maintenanceUrl, `alter database ${name} set default_transaction_read_only = ${isReadOnly ? "on" : "off"}`),
    endSessions: () =>
      run(maintenanceUrl, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`),
    drop: () => run(maintenanceUrl, `drop database ${name} with (force)`),
  };
}

async function run(url: string, statements: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements.split("; ")) await client.query(statement);
  } finally {
    await client.end();
  }
}

function requireVariable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with npm test, which starts the servers.`);
  return value;
}
