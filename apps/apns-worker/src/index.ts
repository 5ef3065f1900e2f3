export { createApnsClient } from "./apns-client.js";
export { APNS_RULES, retiresConnection, toApnsOutcome } from "./apns-outcome.js";
export { createApnsProviderToken } from "./apns-token.js";
export { configSchema } from "./config.js";
export { keepProviderToken } from "./keep-provider-token.js";
