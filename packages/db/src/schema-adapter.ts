import { FIND_SCHEMA } from "@fanfare/postgres";
import { PrismaPg } from "@prisma/adapter-pg";
import { forgetful } from "./statement-history.js";

type Options = NonNullable<ConstructorParameters<typeof PrismaPg>[1]>;
type Adapter = Awaited<ReturnType<PrismaPg["connect"]>>;

/** The session has no schema to work in: none that its search path names exists. */
export class NoSchemaError extends Error {
  override readonly name = "NoSchemaError";
  readonly forOperator = true;

  constructor() {
    super("The search path names no schema that exists: make one, or name one with ?schema= in DATABASE_URL.");
  }
}

/**
 * Prisma's adapter qualifies each table, with `public` unless it is told a schema, while raw SQL follows the search path of the
 * session: this one asks the session, so that both lead to the same table.
 */
export class SchemaAdapter extends PrismaPg {
  private readonly own: Options;
  private adapter: Promise<Adapter> | undefined;

  constructor(pool: ConstructorParameters<typeof PrismaPg>[0], options: Options) {
    const own = { ...options };
    super(pool, own);
    this.own = own;
  }

  /** The adapter of the pool. Made once: each one listens to it. */
  open(): Promise<Adapter> {
    this.adapter ??= super.connect().then(forgetful);
    return this.adapter;
  }

  /** @throws NoSchemaError, and what the database can not be reached with; the next query asks again. */
  override async connect(): Promise<Adapter> {
    const adapter = await this.open();
    const { rows } = await adapter.queryRaw({ sql: FIND_SCHEMA, args: [], argTypes: [] }).catch(throwReadable);
    const schema = rows[0]?.[0];
    if (typeof schema !== "string") throw new NoSchemaError();
    this.own.schema = schema;
    return adapter;
  }
}

/** Prisma gives errors of the adapter's a text, but not those of its beginning: of what is unreachable they say the kind alone. */
function throwReadable(error: Error & { cause?: { kind?: string; host?: string; port?: number } }): never {
  const { kind, host, port } = error.cause ?? {};
  if (kind === "DatabaseNotReachable") error.message = `Can't reach database server at ${host}:${port}`;
  if (kind === "ConnectionClosed") error.message = "Server has closed the connection.";
  throw error;
}
