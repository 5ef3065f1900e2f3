import { type Command, InvalidArgumentError } from "commander";
import type { CliConfig } from "../config.js";
import { withSecretFile } from "../secret-file.js";
import { accountsTable } from "../tables.js";
import { connectAsOperator } from "./connect-api.js";

const OUT = ["--out <file>", "the file; it must not exist (default: one in the data directory)"] as const;
const print = (line: string) => void process.stdout.write(`${line}\n`);

/** `fanfare accounts …`: for the operator. */
export function addAccountsCommand(program: Command, readSettings: () => CliConfig): void {
  const accounts = program.command("accounts").description("manage accounts, as the operator");
  accounts
    .command("create")
    .description("make an account and put its auth token into a file")
    .argument("<name>")
    .option(...OUT)
    .action((name: string, { out }: { out?: string }) => {
      const config = readSettings();
      return keepToken(config, out, () => connectAsOperator(config).createAccount(name));
    });
  accounts
    .command("list")
    .description("list all accounts")
    .action(async () => print(accountsTable(await connectAsOperator(readSettings()).accounts())));
  accounts
    .command("rotate-token")
    .description("give an account a new auth token and put it into a file")
    .argument("<accountId>")
    .option("--previous-valid-seconds <n>", "how long the present token stays valid", seconds, 86_400)
    .option(...OUT)
    .action((id: string, { previousValidSeconds, out }: { previousValidSeconds: number; out?: string }) => {
      const config = readSettings();
      return keepToken(config, out, () => connectAsOperator(config).rotateToken(id, previousValidSeconds));
    });
  accounts
    .command("rename")
    .description("give an account another name")
    .argument("<accountId>")
    .argument("<name>")
    .action(async (id: string, name: string) =>
      print(accountsTable([await connectAsOperator(readSettings()).updateAccount(id, { name })])),
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
        print(accountsTable([await connectAsOperator(readSettings()).updateAccount(id, { status })])),
      );
  }
}

/** The file is one that a shell can read: with it `fanfare send` is that account. */
async function keepToken(
  { FANFARE_DATA_DIR }: CliConfig,
  out: string | undefined,
  ask: () => Promise<{ id: string; authToken: string }>,
): Promise<void> {
  await withSecretFile({ dir: FANFARE_DATA_DIR, out }, async () => {
    const { id, authToken } = await ask();
    return { name: id, content: `FANFARE_ACCOUNT_ID=${id}\nFANFARE_AUTH_TOKEN=${authToken}\n` };
  });
}

function seconds(text: string): number {
  const value = Number(text);
  if (text === "" || !Number.isInteger(value) || value < 0) throw new InvalidArgumentError("must be a whole number.");
  return value;
}
