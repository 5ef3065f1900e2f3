// Where changes are planted, and how sentences of them begin.

export const send = "paths /v1/PushNotifications post";
export const body = `${send} requestBody content application/json schema`;
export const list = "paths /v1/PushNotifications get";
export const app = "paths /v1/PushNotifications/Apps/{appName} patch";
export const user = "paths /v1/PushNotifications/Users/{userId} delete";
export const cancel = "paths /v1/PushNotifications/Operations/{operationId}/Cancel post";
export const operation = "components schemas Operation";
export const attempt = "components schemas Attempt";
export const problem = "components schemas Problem";
export const text = { type: "string" };
export const textBody = { content: { "application/json": { schema: { type: "object", properties: { why: text } } } } };
export const limitReached = "components responses limit-reached";
export const inLimitReached = "response limit-reached, which is in 2 places";
export const inSend = "POST /v1/PushNotifications, request body";
export const inOperations = "GET /v1/PushNotifications/Operations, response 200, /operations/*";

/** Where the codes of a shared response are. */
export const codesOf = (response: string) =>
  `${response} content application/problem+json schema allOf 1 properties code enum`;
