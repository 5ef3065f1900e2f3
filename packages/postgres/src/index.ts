export { FIND_SCHEMA, findSchema, schemaOf } from "./schema.js";
export { explainRefusal, requireSearchPath, UnusableServerError } from "./unusable-server.js";
export { UtcPool } from "./utc-pool.js";
export { withClient } from "./with-client.js";
