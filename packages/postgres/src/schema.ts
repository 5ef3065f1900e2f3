import type { Client } from "pg";
import { UnusableServerError } from "./unusable-server.js";

/** No server has a schema of that name: the setting is wrong (EX_CONFIG of sysexits). */
export class SchemaNameError extends UnusableServerError {
  override readonly exitCode = 78;
}

/** Longest name that Postgres keeps, in bytes: it would cut a longer one short without a word. */
const NAME_BYTES_MAX = 63;

/**
 * The schema that a database URL names, as Prisma's do: `postgres://…/database?schema=push`. Without it names are resolved by the
 * search path of the session, as the role, the database and `options` have it.
 *
 * @throws SchemaNameError when what it names can be no schema.
 */
export function schemaOf(databaseUrl: string): string | undefined {
  const named = new URL(databaseUrl).searchParams.get("schema");
  if (named === null) return undefined;
  // Prisma puts quotation marks around it and looks for none in it.
  if (named === "" || /["\0]/.test(named) || Buffer.byteLength(named) > NAME_BYTES_MAX) {
    throw new SchemaNameError(
      `What DATABASE_URL names with ?schema= can be no schema: it must be a name of 1 to ${NAME_BYTES_MAX} bytes, without quotation marks.`,
    );
  }
  return named;
}

/**
 * Where unqualified names lead, as `schema`: to what has Fanfare's tables, and before they are made to where they will be. Null
 * in a session without any schema.
 */
export const FIND_SCHEMA = `
  select coalesce(
    (select nspname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where pg_class.oid = to_regclass('delivery_batches')),
    current_schema())::text as schema`;

/** The schema that {@link FIND_SCHEMA} finds. */
export async function findSchema(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ schema: string | null }>(FIND_SCHEMA);
  return rows[0]?.schema ?? undefined;
}
