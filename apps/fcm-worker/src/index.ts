export { configSchema } from "./config.js";
export { createFcmAccessToken } from "./fcm-access-token.js";
export { createFcmClient } from "./fcm-client.js";
export { buildRequestBody } from "./fcm-message.js";
export { FCM_RULES, GOOGLE_RULES } from "./fcm-outcome.js";
export { parseServiceAccount } from "./service-account.js";
