/** Says in a sentence why the database that DATABASE_URL names can not be used. */
export class DatabaseUnusableError extends Error {
  override readonly name = "DatabaseUnusableError";
  readonly forOperator = true;
}

/** SQLSTATE of a Postgres that starts, stops or recovers: it will answer by itself. */
const CANNOT_CONNECT_NOW = "57P03";

/** Whether Postgres says that it is not ready yet. */
export function isStartingUp(error: unknown): boolean {
  return detailsOf(error).code === CANNOT_CONNECT_NOW;
}

/** What names the place in a sentence. */
interface Place {
  host: string;
  user: string;
  database: string;
}

const SET = "set DATABASE_URL to";

/** What is met where a connection is made, by the code of the system or SQLSTATE; each ends with what to do. */
const SENTENCES: Readonly<Record<string, (place: Place) => string>> = {
  ECONNREFUSED: ({ host }) =>
    `Nothing answers at ${host}: start Postgres there, or ${SET} the host and port where it is.`,
  ENOTFOUND: ({ host }) => `There is no host of the name in ${host}: ${SET} one that is known here.`,
  EAI_AGAIN: ({ host }) => `The name in ${host} can not be looked up at the moment: ${SET} another host, or try again.`,
  ENOENT: () =>
    `A file that DATABASE_URL names does not exist (the socket in the folder of host=, or the certificate of sslrootcert=): ${SET} one that does.`,
  ETIMEDOUT: silent,
  EHOSTUNREACH: ({ host }) => `No way leads to ${host}: ${SET} a host that is reached from here.`,
  ENETUNREACH: ({ host }) => `No way leads to ${host}: ${SET} a host that is reached from here.`,
  ECONNRESET: noPostgres,
  "28P01": ({ user, host }) =>
    `Postgres at ${host} refuses the user ${user} with this password: ${SET} one with the right ones.`,
  "28000": ({ user, database, host }) =>
    `Postgres at ${host} does not let the user ${user} into the database ${database} from here: make the user, allow it in pg_hba.conf, or ${SET} another one.`,
  "3D000": ({ database, host }) =>
    `There is no database ${database} at ${host}: make it (createdb ${database}), or ${SET} another one.`,
  [CANNOT_CONNECT_NOW]: ({ host }) =>
    `Postgres at ${host} is starting up or recovering, and was not ready in time: try again, or ${SET} another one.`,
  "53300": ({ host }) =>
    `Postgres at ${host} has no connection left: raise its max_connections, or ${SET} another one.`,
  "42501": ({ user, database }) =>
    `The user ${user} may not make tables in the database ${database}: grant it CREATE there, or ${SET} another user.`,
  "25006": ({ host }) =>
    `Postgres at ${host} takes no writes, as a standby or with default_transaction_read_only: ${SET} the primary, or turn that off.`,
  "53100": ({ host }) => `The disk of Postgres at ${host} is full: make room there.`,
};

/** What node-postgres says itself has no code. */
const MESSAGES: readonly (readonly [RegExp, (place: Place) => string])[] = [
  [/timeout expired|due to connection timeout/i, silent],
  [/Connection terminated unexpectedly/, noPostgres],
  [
    /client password must be a string/,
    ({ user, host }) =>
      `Postgres at ${host} wants a password of the user ${user}: ${SET} a URL with one, or PGPASSWORD to it.`,
  ],
  [
    /does not support SSL/,
    ({ host }) => `Postgres at ${host} does not speak TLS: ${SET} a URL without sslmode=require.`,
  ],
  [/certificate/i, ({ host }) => `The certificate of Postgres at ${host} is not trusted: see sslmode in DATABASE_URL.`],
];

function silent({ host }: Place): string {
  return `Postgres at ${host} does not answer: see that it runs and that no firewall is before it, or ${SET} another one.`;
}

function noPostgres({ host }: Place): string {
  return `What listens at ${host} ended the connection, as if it were no Postgres: ${SET} the host and port of one.`;
}

/** Postgres ends a connection that it does not want with words that say why. */
const refused =
  (why: string) =>
  ({ host }: Place) =>
    `Postgres at ${host} refuses the connection (${why}): mend that, or ${SET} another one.`;

/** What an error of the database means to whoever set DATABASE_URL; one that is not about that, as it is. */
export function explainDatabase(error: unknown, databaseUrl: string): unknown {
  const { code = "", message = "", severity, cause } = detailsOf(error);
  const known = SENTENCES[code] ?? MESSAGES.find(([pattern]) => pattern.test(message))?.[1];
  const sentence = known ?? (severity === "FATAL" ? refused(message) : undefined);
  if (sentence) return new DatabaseUnusableError(sentence(placeOf(databaseUrl)), { cause: error });
  // A migration fails with what the database said as its cause.
  const reason = cause === undefined ? undefined : explainDatabase(cause, databaseUrl);
  return reason instanceof DatabaseUnusableError ? reason : error;
}

/** Of a host with several addresses the first one says enough. */
function detailsOf(error: unknown): { code?: string; message?: string; severity?: string; cause?: unknown } {
  const { errors: [first] = [error] } = (error ?? {}) as { errors?: unknown[] };
  return first ?? {};
}

function placeOf(databaseUrl: string): Place {
  const { host, port, username, pathname } = new URL(databaseUrl);
  return {
    host: port ? host : `${host}:5432`,
    user: decoded(username) || "that it does not name",
    database: decoded(pathname.slice(1)) || decoded(username) || "that it does not name",
  };
}

// A % that begins no two hexadecimal digits stands for itself.
function decoded(text: string): string {
  return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, "%25"));
}
