import { createTestDatabase, startDyingPostgres, until } from "@fanfare/testkit";
import { PatientPool } from "../src/patient-pool.js";

test("a connection that the server ends while it is out and idle is told of, fails its next query, and nothing else", async () => {
  const database = await createTestDatabase();
  const pool = new PatientPool({ connectionString: database.url, max: 2 });
  const told: Error[] = [];
  pool.on("error", (error) => told.push(error));
  try {
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    const ended = new Promise((resolve) => client.once("end", resolve));
    await pool.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
    await ended;
    await expect(client.query("select 1")).rejects.toThrow();
    expect(told.map(({ message }) => message)).toContain("terminating connection due to administrator command");
    client.release(true);
    await until(async () => (await pool.query("select 1")).rowCount === 1);
  } finally {
    await pool.end();
    await database.drop();
  }
});

test("a connection that the server ends in the moment that it is made fails its first query, and nothing else", async () => {
  const server = await startDyingPostgres();
  const pool = new PatientPool({ connectionString: server.url, max: 2 });
  pool.on("error", () => undefined);
  const client = await pool.connect();
  await expect(client.query("select 1")).rejects.toThrow();
  await expect(pool.query("select 1")).rejects.toThrow("terminating connection");
  client.release(true);
  await pool.end();
  server.close();
});
