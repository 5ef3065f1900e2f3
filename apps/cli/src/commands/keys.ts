import { type Scope, scopeSchema } from "@fanfare/domain";
import { type Command, Option } from "commander";
import type { CliConfig } from "../config.js";
import { withSecretFile } from "../secret-file.js";
import { apiKeysTable } from "../tables.js";
import { connectToManage } from "./connect-api.js";
import { ACCOUNT_OPTION } from "./options.js";

interface OfAccount {
  account?: string;
}

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** `fanfare keys …`: for an account, and for the operator. */
export function addKeysCommand(program: Command, readSettings: () => CliConfig): void {
  const keys = program.command("keys").description("manage the API keys of an account");
  keys
    .command("create")
    .description("make an API key and put its secret into a file")
    .argument("<name>")
    .addOption(
      new Option("--scopes <scope...>", "what it may be used for").choices(scopeSchema.options).makeOptionMandatory(),
    )
    .option(...ACCOUNT_OPTION)
    .option("--out <file>", "the file; it must not exist (default: one in the data directory)")
    .action(async (name: string, { scopes, account, out }: OfAccount & { scopes: Scope[]; out?: string }) => {
      const config = readSettings();
      await withSecretFile({ dir: config.FANFARE_DATA_DIR, out }, async () => {
        const { api, accountId } = await connectToManage(config, account);
        const { id, secret } = await api.createApiKey(accountId, { name, scopes });
        return { name: id, content: `FANFARE_API_KEY=${id}\nFANFARE_API_KEY_SECRET=${secret}\n` };
      });
    });
  keys
    .command("list")
    .description("list the API keys")
    .option(...ACCOUNT_OPTION)
    .action(async ({ account }: OfAccount) => {
      const { api, accountId } = await connectToManage(readSettings(), account);
      print(apiKeysTable(await api.apiKeys(accountId)));
    });
  keys
    .command("revoke")
    .description("revoke an API key for good")
    .argument("<apiKeyId>")
    .option(...ACCOUNT_OPTION)
    .action(async (id: string, { account }: OfAccount) => {
      const { api, accountId } = await connectToManage(readSettings(), account);
      await api.revokeApiKey(accountId, id);
      print(`${id} is revoked.`);
    });
}
