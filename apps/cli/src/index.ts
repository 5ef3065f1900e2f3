export { createApiClient } from "./api-client.js";
export { configSchema } from "./config.js";
export { type Stack, startStack } from "./stack.js";
