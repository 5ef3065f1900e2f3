import { Debug } from "@prisma/client/runtime/client";
import { clearLogs } from "@prisma/debug";
import type { SqlDriverAdapter, SqlQueryable } from "@prisma/driver-adapter-utils";

/** Calls that Prisma's client remembers with all that they were given, for reports of errors; its adapter remembers as many. */
const REMEMBERED = 100;

/** Characters of a statement's values from which on it is made to forget them. */
const LARGE = 65_536;

const note = Debug("fanfare");

/**
 * An adapter whose large statements are forgotten once they are answered: a hundred of them can be gigabytes.
 */
export function forgetful<Adapter extends SqlDriverAdapter>(adapter: Adapter): Adapter {
  const startTransaction = adapter.startTransaction.bind(adapter);
  return Object.assign(adapter, {
    ...forgettingQueries(adapter),
    startTransaction: async (...options: Parameters<typeof startTransaction>) => {
      const transaction = await startTransaction(...options);
      return Object.assign(transaction, forgettingQueries(transaction));
    },
  });
}

function forgettingQueries(queryable: SqlQueryable): Pick<SqlQueryable, "queryRaw" | "executeRaw"> {
  const queryRaw = queryable.queryRaw.bind(queryable);
  const executeRaw = queryable.executeRaw.bind(queryable);
  return {
    queryRaw: (query) => queryRaw(query).finally(() => forgetIfLarge(query.args)),
    executeRaw: (query) => executeRaw(query).finally(() => forgetIfLarge(query.args)),
  };
}

function forgetIfLarge(values: readonly unknown[]): void {
  const length = values.reduce((sum: number, value) => sum + lengthOf(value), 0);
  if (length < LARGE) return;
  clearLogs();
  // The client has a list of its own, which can only be pushed out of.
  for (let count = 0; count < REMEMBERED; count++) note("");
}

function lengthOf(value: unknown): number {
  if (typeof value === "string" || ArrayBuffer.isView(value))
    return typeof value === "string" ? value.length : value.byteLength;
  return Array.isArray(value) ? value.reduce((sum: number, item) => sum + lengthOf(item), 0) : 0;
}
