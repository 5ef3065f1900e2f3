import { EX_CONFIG } from "./exit-codes.js";

/** How a process may end that could not start. */
export interface StartErrorOptions {
  /** What it was met with. */
  cause?: unknown;
  /** Whether it may go well later, with the settings as they are. @default true */
  mayHeal?: boolean;
}

/** Says in a sentence why a process can not start, and which setting to change: whoever reads it needs no stack. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly forOperator = true;
  readonly retryable: boolean;
  /** What the process ends with: a supervisor may start it again, unless its settings are wrong. */
  readonly exitCode: number;

  constructor(sentence: string, { cause, mayHeal = true }: StartErrorOptions = {}) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.retryable = mayHeal;
    this.exitCode = mayHeal ? 1 : EX_CONFIG;
  }
}

/**
 * What an error says to an operator, when it was made for one: it declares `forOperator`. Packages that know nothing of this one
 * have such errors too. `undefined` for an error that nobody expected, whose stack is wanted.
 */
export function sentenceOf(error: unknown): string | undefined {
  return error instanceof Error && "forOperator" in error && error.forOperator === true ? error.message : undefined;
}

/** What a process ends with that an error ended. */
export function exitCodeOf(error: unknown): number {
  return error instanceof Error && "exitCode" in error && typeof error.exitCode === "number" ? error.exitCode : 1;
}
