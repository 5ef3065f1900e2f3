import { auditActionSchema } from "@fanfare/domain";
import { type Command, Option } from "commander";
import type { CliConfig } from "../config.js";
import { auditTable } from "../tables.js";
import { connectAsOperator, connectToManage } from "./connect-api.js";
import { ACCOUNT_OPTION, positiveInteger, time } from "./options.js";

/** Options of `fanfare audit`. */
interface AuditOptions {
  account?: string;
  all?: boolean;
  limit: number;
  action?: string;
  actor?: string;
  target?: string;
  since?: string;
  until?: string;
}

/** `fanfare audit`: who changed what. */
export function addAuditCommand(program: Command, readSettings: () => CliConfig): void {
  program
    .command("audit")
    .description("show who changed what of accounts, keys, apps and credentials, newest first")
    .option(...ACCOUNT_OPTION)
    .addOption(new Option("--all", "all accounts, as the operator").conflicts("account"))
    .addOption(new Option("--action <action>", "only this").choices(auditActionSchema.options))
    .option("--actor <id>", "only what this account, API key, or admin did")
    .option("--target <id>", "only what was done to this")
    .option("--since <time>", "only from then on, such as 2027-01-01T00:00:00Z", time)
    .option("--until <time>", "only before then", time)
    .option("--limit <n>", "as many at most", positiveInteger(1_000), 50)
    .action(async (options: AuditOptions) => {
      const config = readSettings();
      const { api, accountId } = options.all
        ? { api: connectAsOperator(config), accountId: undefined }
        : await connectToManage(config, options.account);
      const events = await api.auditEvents(accountId, queryOf(options));
      process.stdout.write(`${auditTable(events)}\n`);
    });
}

function queryOf({ limit, action, actor, target, since, until }: AuditOptions): URLSearchParams {
  const given = Object.entries({ action, actor, target, createdAfter: since, createdBefore: until });
  const filters = given.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]));
  return new URLSearchParams([["pageSize", String(limit)], ...filters]);
}
