export { DataDirInUseError } from "./data-dir-lock.js";
export { findEmbeddedPostgres } from "./find-embedded-postgres.js";
export { forgetPostgresVariables, withoutPostgresVariables } from "./postgres-variables.js";
export { type EmbeddedPostgres, startEmbeddedPostgres } from "./start-embedded-postgres.js";
