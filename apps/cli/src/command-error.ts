/** Says in a sentence why a command did not do, or not find done, what it was asked for. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly forOperator = true;
}
