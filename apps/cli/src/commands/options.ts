import { InvalidArgumentError } from "commander";
import { z } from "zod";

/** Whose it is, where the operator may manage it for any account. */
export const ACCOUNT_OPTION = ["--account <id>", "another account's, as the operator (default: one's own)"] as const;

/** Reads a number from 1 to some largest. */
export const positiveInteger = (max: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new InvalidArgumentError(`must be from 1 to ${max.toLocaleString("en-US")}.`);
  }
  return value;
};

/** Takes a time as the API does. */
export function time(text: string): string {
  if (z.iso.datetime({ offset: true }).safeParse(text).success) return text;
  throw new InvalidArgumentError("must be a time such as 2027-01-01T00:00:00Z.");
}
