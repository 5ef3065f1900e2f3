import type { ApiClient } from "../api-client.js";
import { CommandError } from "../command-error.js";
import { describeUnsent, watchOperation } from "../watch-operation.js";

/**
 * `fanfare watch`: an operation's progress, live, then the operation.
 *
 * @throws CommandError unless every recipient was sent to.
 */
export async function watch(api: ApiClient, operationId: string): Promise<void> {
  const onAway = (problem: string) => void process.stderr.write(`\n${problem}\n`);
  const operation = await watchOperation(api, operationId, { onAway });
  process.stdout.write(`${JSON.stringify(operation, undefined, 2)}\n`);
  const unsent = describeUnsent(operation);
  if (unsent !== undefined) throw new CommandError(unsent);
}
