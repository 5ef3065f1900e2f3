import { pino } from "pino";

/** Before what happened Prisma tells the call: over many lines, with the source around it where it finds that. */
const PRISMA_CALL = /\s*Invalid (`[^`]*`) invocation(?: in\n[^\n]*)?:?\n(?:[ \t→]*(?:\d+(?: [^\n]*)?)?\n)*/g;

/** An error's text without what Prisma tells of the source. */
export function shortenErrorText(text: string): string {
  return text.replace(PRISMA_CALL, " $1: ");
}

/** What ioredis hangs on an error: the command with its arguments, of which `AUTH` has a password and `EVAL` a script. */
interface OfRedis {
  command?: unknown;
  lastNodeError?: unknown;
  aggregateErrors?: unknown;
}

/**
 * An error as it is logged: its type, message, fields and stack with its causes, without the source that Prisma quotes, and of what
 * Redis refused the name alone.
 */
export function serializeError(error: Error): object {
  const { message, stack, ...fields } = pino.stdSerializers.err(error) as { message?: unknown; stack?: unknown };
  return {
    ...withoutArguments(fields),
    ...(typeof message === "string" && { message: shortenErrorText(message).trim() }),
    ...(typeof stack === "string" && { stack: shortenErrorText(stack) }),
  };
}

function withoutArguments({ command, lastNodeError, aggregateErrors, ...fields }: OfRedis): object {
  return {
    ...fields,
    ...(command !== undefined && { command: (command as { name?: unknown } | null)?.name }),
    ...(isObject(lastNodeError) && { lastNodeError: withoutArguments(lastNodeError) }),
    ...(Array.isArray(aggregateErrors) && { aggregateErrors: aggregateErrors.filter(isObject).map(withoutArguments) }),
  };
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
