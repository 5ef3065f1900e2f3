import { pino } from "pino";

/** Before what happened Prisma tells the call: over many lines, with the source around it where it finds that. */
const PRISMA_CALL = /\s*Invalid (`[^`]*`) invocation(?: in\n[^\n]*)?:?\n(?:[ \t→]*(?:\d+(?: [^\n]*)?)?\n)*/g;

/** An error's text without what Prisma tells of the source. */
export function shortenErrorText(text: string): string {
  return text.replace(PRISMA_CALL, " $1: ");
}

/** An error as it is logged: its type, message, fields and stack with its causes, without the source that Prisma quotes. */
export function serializeError(error: Error): object {
  const { message, stack, ...fields } = pino.stdSerializers.err(error) as { message?: unknown; stack?: unknown };
  return {
    ...fields,
    ...(typeof message === "string" && { message: shortenErrorText(message).trim() }),
    ...(typeof stack === "string" && { stack: shortenErrorText(stack) }),
  };
}
