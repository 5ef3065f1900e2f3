export { configSchema } from "./config.js";
export { createFcmAccessToken } from "./fcm-access-token.js";
export { createFcmClient } from "./fcm-client.js";
export { buildRequestBody } from "./fcm-message.js";
export { FCM_RULES, GOOGLE_RULES, toFcmOutcome } from "./fcm-outcome.js";
