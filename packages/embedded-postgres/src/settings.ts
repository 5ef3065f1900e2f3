/** How a postmaster is run that serves one installation on this machine, as arguments. They win over its files. */
export function settings(port: number, clusterName: string, durable: boolean): string[] {
  const values = {
    port,
    cluster_name: clusterName,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: 200,
    shared_buffers: "128MB",
    max_wal_size: "2GB",
    checkpoint_timeout: "15min",
    jit: "off",
    ...ZONES,
    ...LOG,
    ...(durable ? {} : { fsync: "off", full_page_writes: "off", synchronous_commit: "off" }),
  };
  return Object.entries(values).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
}

// initdb takes over the zone of the host.
const ZONES = { timezone: "UTC", log_timezone: "UTC" };

/**
 * Statements, their parameters and the rows that an error is about have content of messages, and tokens: the log has
 * the error alone, without its details. Whoever made the statement has them.
 */
const LOG = {
  logging_collector: "off",
  log_statement: "none",
  log_min_duration_statement: -1,
  log_min_duration_sample: -1,
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_parameter_max_length: 0,
  log_parameter_max_length_on_error: 0,
};
