import { type Scope, scopeSchema } from "@fanfare/domain";
import { type Command, Option } from "commander";
import type { CliConfig } from "../config.js";
import { withSecretFile } from "../secret-file.js";
import { apiKeysTable } from "../tables.js";
import { connectApi } from "./connect-api.js";

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** `fanfare keys …`: for an account. */
export function addKeysCommand(program: Command, readSettings: () => CliConfig): void {
  const keys = program.command("keys").description("manage the API keys of an account");
  keys
    .command("create")
    .description("make an API key and put its secret into a file")
    .argument("<name>")
    .addOption(
      new Option("--scopes <scope...>", "what it may be used for").choices(scopeSchema.options).makeOptionMandatory(),
    )
    .option("--out <file>", "the file; it must not exist (default: one in the data directory)")
    .action(async (name: string, { scopes, out }: { scopes: Scope[]; out?: string }) => {
      const config = readSettings();
      await withSecretFile({ dir: config.FANFARE_DATA_DIR, out }, async () => {
        const { id, secret } = await connectApi(config).createApiKey(name, scopes);
        return { name: id, content: `FANFARE_API_KEY=${id}\nFANFARE_API_KEY_SECRET=${secret}\n` };
      });
    });
  keys
    .command("list")
    .description("list the API keys")
    .action(async () => print(apiKeysTable(await connectApi(readSettings()).apiKeys())));
  keys
    .command("revoke")
    .description("revoke an API key for good")
    .argument("<apiKeyId>")
    .action(async (id: string) => {
      await connectApi(readSettings()).revokeApiKey(id);
      print(`${id} is revoked.`);
    });
}
