import type { Db } from "./connect.js";
import type { Prisma } from "./generated/prisma/client.js";
import type { SchemaAdapter } from "./schema-adapter.js";

const adapters = new WeakMap<Db, SchemaAdapter>();

/** Lets {@link queryDirectly} know what a client is connected with. */
export function connectedWith(db: Db, adapter: SchemaAdapter): Db {
  adapters.set(db, adapter);
  return db;
}

const PLAIN = { scalarType: "unknown", arity: "scalar" } as const;

/**
 * The rows of a statement, its columns in their order, past Prisma's client, which writes all values of a statement as JSON
 * twice: of a large one that is most of what it costs. Values are texts, numbers, booleans, times, bytes and null.
 *
 * @throws what the adapter does, which postgres-errors.ts reads like the client's
 */
export async function queryDirectly(db: Db, { text, values }: Prisma.Sql): Promise<unknown[][]> {
  const adapter = await adapters.get(db)?.open();
  if (!adapter) throw new Error("This client was not made by connectDb.");
  const { rows } = await adapter.queryRaw({ sql: text, args: values, argTypes: values.map(() => PLAIN) });
  return rows;
}
