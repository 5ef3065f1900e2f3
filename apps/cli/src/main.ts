import { readFileSync } from "node:fs";
import { PROVIDER_TRAITS } from "@fanfare/domain";
import { exitCodeOf, readConfig, sentenceOf, withoutSecrets } from "@fanfare/runtime";
import { Command } from "commander";
import { z } from "zod";
import { endOnClosedOutput } from "./closed-output.js";
import { addAccountsCommand } from "./commands/accounts.js";
import { addApiCommand } from "./commands/api.js";
import { addAuditCommand } from "./commands/audit.js";
import { connectApi } from "./commands/connect-api.js";
import { demo } from "./commands/demo.js";
import { addKeysCommand } from "./commands/keys.js";
import { migrate } from "./commands/migrate.js";
import { positiveInteger } from "./commands/options.js";
import { redrive } from "./commands/redrive.js";
import { rotateMasterKey } from "./commands/rotate-master-key.js";
import { send } from "./commands/send.js";
import { start } from "./commands/start.js";
import { watch } from "./commands/watch.js";
import { configSchema, env } from "./config.js";

/** Only what needs them reads the settings: help is for whoever has them wrong. */
const readSettings = () => readConfig(configSchema, env);

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")));

const program = new Command("fanfare")
  .description("Self-hosted push notifications with a record of every attempt.")
  .version(version);

program
  .command("start")
  .description("run everything on this machine until Ctrl-C")
  .option("--workers <n>", "processes of each worker", positiveInteger(64), 1)
  .option("--simulator", "let the simulator stand in for FCM and APNs (default: when no provider key is set)")
  .option("--no-simulator", "deliver through FCM and APNs, with credentials added over the API")
  .action((options: { workers: number; simulator?: boolean }) =>
    start(readSettings(), env, { workers: options.workers, simulator: options.simulator }),
  );

program
  .command("demo")
  .description("send one operation to 1,000 simulated devices and show what became of it")
  .action(() => demo(env));

program
  .command("migrate")
  .description("bring the database at DATABASE_URL up to date")
  .action(() => migrate(readSettings()));

const sendCommand = program.command("send").description("send a push to device tokens");
for (const { field, name } of Object.values(PROVIDER_TRAITS)) {
  sendCommand.option(`--${field} <token...>`, `device tokens of ${name}`, []);
}
sendCommand
  .option("--title <text>", "title of the notification")
  .option("--body <text>", "body of the notification")
  .option("--watch", "show the progress; the exit code is 0 when every recipient was sent to")
  .action((options) => send(readSettings(), options));

program
  .command("watch")
  .description("show an operation's progress; the exit code is 0 when every recipient was sent to")
  .argument("<operationId>")
  .action((operationId: string) => watch(connectApi(readSettings()), operationId));

program
  .command("redrive")
  .description("put notifications that failed back to be sent, as the operator")
  .argument("<operationId>")
  .option("--code <code...>", "error codes of those to put back", ["WORKER_CRASHED"])
  .action((operationId: string, options: { code: string[] }) => redrive(readSettings(), operationId, options));

addApiCommand(program, readSettings);
addAccountsCommand(program, readSettings);
addKeysCommand(program, readSettings);
addAuditCommand(program, readSettings);

program
  .command("rotate-master-key")
  .description("put every provider key under a new master key")
  .action(() => rotateMasterKey(readSettings()));

endOnClosedOutput();
try {
  await program.parseAsync();
} catch (error) {
  const text = sentenceOf(error) ?? (error instanceof Error ? error.stack : undefined) ?? String(error);
  process.stderr.write(`${withoutSecrets(text)}\n`);
  process.exitCode = exitCodeOf(error);
}
