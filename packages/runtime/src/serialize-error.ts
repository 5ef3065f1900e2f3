import { pino } from "pino";
import { withoutSecrets } from "./without-secrets.js";

/** Before what happened Prisma tells the call: over many lines, with the source around it where it finds that. */
const PRISMA_CALL = /\s*Invalid (`[^`]*`) invocation(?: in\n[^\n]*)?:?\n(?:[ \t→]*(?:\d+(?: [^\n]*)?)?\n)*/g;

/** An error's text without what Prisma tells of the source, and without secrets that libraries quote. */
export function shortenErrorText(text: string): string {
  return withoutSecrets(text.replace(PRISMA_CALL, " $1: "));
}

/**
 * What libraries hang on an error of what they were given: Node the text that is no URL, zod what has not the form it should have,
 * body parsers a request's body; and Postgres the row that it did not take, the values of a key that is there already, and where in
 * a text it stumbled.
 */
const GIVEN = new Set(["input", "base", "body", "detail", "where", "internalQuery"]);

/** How deep an error's fields are looked into, and told. */
const DEPTH = 6;

/**
 * An error as it is logged: its type, message, fields and stack with its causes, without the source that Prisma quotes, without what a
 * library was given, and of what Redis refused the name alone.
 */
export function serializeError(error: Error): object {
  const { message, stack, ...fields } = pino.stdSerializers.err(error) as { message?: unknown; stack?: unknown };
  return {
    ...withoutGiven(fields, DEPTH),
    ...(typeof message === "string" && { message: shortenErrorText(message).trim() }),
    ...(typeof stack === "string" && { stack: shortenErrorText(stack) }),
  };
}

function withoutGiven(fields: object, depth: number): object {
  const told = Object.entries(fields).filter(([name]) => !GIVEN.has(name));
  return Object.fromEntries(told.map(([name, value]) => [name, tell(name, value, depth)]));
}

function tell(name: string, value: unknown, depth: number): unknown {
  if (typeof value === "string") return withoutSecrets(value);
  if (typeof value !== "object" || value === null) return value;
  // ioredis hangs the command with its arguments on an error, of which `AUTH` has a password and `EVAL` a script.
  if (name === "command") return (value as { name?: unknown }).name;
  if (value instanceof URL) return withoutSecrets(value.href);
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (depth === 0) return undefined;
  if (Array.isArray(value)) return value.map((entry) => tell("", entry, depth - 1));
  return isFields(value) ? withoutGiven(value, depth - 1) : value;
}

/** Whether an object is logged as its fields: what has a form of its own, such as a date, is left as it is. */
const isFields = (value: object) =>
  Object.prototype.toString.call(value) === "[object Error]" || [Object, undefined].includes(constructorOf(value));

const constructorOf = (value: object) => (value as { constructor?: ObjectConstructor }).constructor;
