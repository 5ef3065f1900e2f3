import { type BackendFactory, PostgresConnection, type PostgresConnectionOptions, PostgresQueueBackend } from "bullmq";

/** BullMQ's Postgres backend for a pool whose sessions are in a schema: of one that it is given it takes its own for granted. */
export function postgresBackendIn(schema: string): BackendFactory<PostgresQueueBackend, PostgresConnectionOptions> {
  class ConnectionInSchema extends PostgresConnection {
    override readonly schema = schema;
  }
  return (name, { connection }, { withBlockingConnection = false } = {}) =>
    // Workers are found by the name of the connection on which they wait.
    new PostgresQueueBackend(
      new ConnectionInSchema(connection),
      name,
      { connection },
      true,
      withBlockingConnection ? name : undefined,
    );
}
