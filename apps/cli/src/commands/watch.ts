import type { CliConfig } from "../config.js";
import { watchOperation } from "../watch-operation.js";
import { connectApi } from "./connect-api.js";

/** `fanfare watch`: an operation's progress, live, then the operation. */
export async function watch(config: CliConfig, operationId: string): Promise<void> {
  const operation = await watchOperation(connectApi(config), operationId);
  process.stdout.write(`${JSON.stringify(operation, undefined, 2)}\n`);
}
