export { UtcPool } from "./utc-pool.js";
export { withClient } from "./with-client.js";
