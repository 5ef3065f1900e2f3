import type { Command } from "commander";
import type { CliConfig } from "../config.js";
import { accountsTable } from "../tables.js";
import { connectAsOperator } from "./connect-api.js";

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** `fanfare accounts …`: for the operator. */
export function addAccountsCommand(program: Command, config: CliConfig): void {
  const accounts = program.command("accounts").description("manage accounts, as the operator");
  accounts
    .command("create")
    .description("make an account and show its auth token, this once")
    .argument("<name>")
    .action(async (name: string) => showToken(await connectAsOperator(config).createAccount(name)));
  accounts
    .command("list")
    .description("list all accounts")
    .action(async () => print(accountsTable(await connectAsOperator(config).accounts())));
  accounts
    .command("rotate-token")
    .description("give an account a new auth token and show it, this once")
    .argument("<accountId>")
    .option("--previous-valid-seconds <n>", "how long the present token stays valid", Number, 86_400)
    .action(async (id: string, { previousValidSeconds }: { previousValidSeconds: number }) =>
      showToken(await connectAsOperator(config).rotateToken(id, previousValidSeconds)),
    );
  for (const [name, status] of [
    ["suspend", "SUSPENDED"],
    ["resume", "ACTIVE"],
  ] as const) {
    accounts
      .command(name)
      .description(name === "suspend" ? "refuse an account's credentials" : "accept an account's credentials again")
      .argument("<accountId>")
      .action(async (id: string) =>
        print(accountsTable([await connectAsOperator(config).updateAccount(id, { status })])),
      );
  }
}

function showToken({ id, authToken }: { id: string; authToken: string }): void {
  print(`FANFARE_ACCOUNT_ID=${id}\nFANFARE_AUTH_TOKEN=${authToken}`);
}
