// Where the CPU of each process goes: `node bench/profile.mjs`, with --recipients <n> for a blast (100,000) or --stream <seconds>
// for one-recipient requests, --backend redis, --top <n>. The profiles stay in the folder that it names, for a viewer.
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { startEmbeddedPostgres } from "@fanfare/embedded-postgres";
import pg from "pg";
import { blast, warmUp } from "./support/blast.mjs";
import { hotFunctions } from "./support/cpu-profile.mjs";
import { startInstallation } from "./support/installation.mjs";
import { createScope } from "./support/scope.mjs";
import { startSink } from "./support/sink.mjs";
import { stream } from "./support/stream.mjs";
import { micros, table, tableByName } from "./support/tables.mjs";

const { values } = parseArgs({
  options: {
    recipients: { type: "string", default: "100000" },
    stream: { type: "string" },
    backend: { type: "string", default: "postgres" },
    top: { type: "string", default: "30" },
  },
});
const print = (line) => process.stdout.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), "fanfare-profile-"));
const top = Number(values.top);
const { signal } = new AbortController();

const scope = createScope();
const sink = await scope.own(startSink(), (started) => started.stop());
try {
  // Node 20 takes no --cpu-prof from its environment.
  const recorder = new URL("support/record-profile.mjs", import.meta.url);
  const env = { NODE_OPTIONS: `--import ${recorder}`, PROFILE_FOLDER: folder };
  const installation = await startInstallation(scope, sink, { backend: values.backend, env, prepare: countStatements });
  await warmUp({ installation, quick: true, signal });
  for (const pid of installation.pids) process.kill(pid, "SIGUSR2");
  await installation.db.$executeRawUnsafe("select pg_stat_statements_reset()");
  const options = { installation, sink, signal };
  const measured = values.stream
    ? await stream({ ...options, seconds: Number(values.stream) })
    : await blast({ ...options, count: Number(values.recipients), prefix: "profile" });
  print(tableByName(["CPU µs a push", ""], [measured.cpuMicros], micros));
  print(await statementTable(installation.db, measured.accepted ?? measured.recipients));
} catch (error) {
  print(scope.log.join("\n"));
  throw error;
} finally {
  // The apps write their profiles when they end.
  await scope.close();
}
for (const file of readdirSync(folder)) {
  const profile = JSON.parse(readFileSync(join(folder, file), "utf8"));
  const { busyMs, functions } = hotFunctions(profile);
  const rows = functions.slice(0, top).map(({ name, selfMs }) => [((100 * selfMs) / busyMs).toFixed(1), name]);
  print(`\n${file}: ${Math.round(busyMs)} ms busy\n${table(["% self", "function"], rows)}`);
}
print(`\nThe profiles are in ${folder}`);

/** Makes the server count statements, which it does only if it was started so. */
async function countStatements(dataDir) {
  await onPostgres(dataDir, "alter system set shared_preload_libraries = 'pg_stat_statements'");
  await onPostgres(
    dataDir,
    "alter system set pg_stat_statements.track_planning = on",
    "create extension pg_stat_statements",
  );
}

async function onPostgres(dataDir, ...statements) {
  const postgres = await startEmbeddedPostgres({ dataDir });
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
  await postgres.stop();
}

async function statementTable(db, pushes) {
  const statements = await db.$queryRawUnsafe(`
    select calls::int as calls, total_exec_time + total_plan_time as ms, total_plan_time as plan, rows::int as rows,
      regexp_replace(query, '\\s+', ' ', 'g') as query
    from pg_stat_statements order by 2 desc limit ${top}`);
  const rows = statements.map(({ calls, ms, plan, rows: returned, query }) => [
    ((1_000 * ms) / pushes).toFixed(2),
    ((1_000 * plan) / pushes).toFixed(2),
    calls,
    returned,
    query.slice(0, 150),
  ]);
  return table(["µs a push, waits included", "of it planning", "calls", "rows", "statement"], rows);
}
