import { type Scope, scopeSchema } from "@fanfare/domain";
import { type Command, Option } from "commander";
import type { CliConfig } from "../config.js";
import { apiKeysTable } from "../tables.js";
import { connectApi } from "./connect-api.js";

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** `fanfare keys …`: for an account. */
export function addKeysCommand(program: Command, config: CliConfig): void {
  const keys = program.command("keys").description("manage the API keys of an account");
  keys
    .command("create")
    .description("make an API key and show its secret, this once")
    .argument("<name>")
    .addOption(
      new Option("--scopes <scope...>", "what it may be used for").choices(scopeSchema.options).makeOptionMandatory(),
    )
    .action(async (name: string, { scopes }: { scopes: Scope[] }) => {
      const { id, secret } = await connectApi(config).createApiKey(name, scopes);
      print(`API key    ${id}\nsecret     ${secret}`);
    });
  keys
    .command("list")
    .description("list the API keys")
    .action(async () => print(apiKeysTable(await connectApi(config).apiKeys())));
  keys
    .command("revoke")
    .description("revoke an API key for good")
    .argument("<apiKeyId>")
    .action(async (id: string) => {
      await connectApi(config).revokeApiKey(id);
      print(`${id} is revoked.`);
    });
}
