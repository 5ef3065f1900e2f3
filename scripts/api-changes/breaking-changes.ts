import { all, append, put, remove, rename, without } from "./edit-document.js";
import type { PlantedChange } from "./planted-change.js";
import {
  app,
  attempt,
  body,
  cancel,
  inOperations,
  inSend,
  limitReached,
  list,
  operation,
  problem,
  send,
  text,
  textBody,
  user,
} from "./planted-paths.js";

/** Changes after which a caller that was right may fail. */
export const BREAKING: PlantedChange[] = [
  // Requests: less is taken, or more is asked for.
  {
    title: "a length of a request that may be less",
    edit: put(`${body} properties content properties title maxLength`, 100),
    told: `${inSend}, /content/title: maxLength 4096 → 100`,
  },
  {
    title: "a length of a request that gets a bound",
    edit: put(`${body} properties from properties fcm maxLength`, 9),
  },
  { title: "a number of a request that has to be more", edit: put(`${body} properties badge minimum`, 1) },
  { title: "a lower bound of a request", edit: put(`${body} properties from properties fcm minLength`, 1) },
  { title: "fewer items of a request", edit: put(`${body} properties to maxItems`, 100) },
  {
    title: "a pattern of a request",
    edit: put(`${body} properties sound anyOf 0 pattern`, "^[a-z]+$"),
    told: `${inSend}, /sound (form 1): pattern "^[a-z]+$" added`,
  },
  { title: "another pattern of a parameter", edit: put(`${app} parameters appName schema pattern`, "^[a-z]{1,9}$") },
  { title: "a format of a request", edit: put(`${body} properties collapseKey format`, "uuid") },
  { title: "another type of a request", edit: put(`${body} properties badge type`, "string") },
  {
    title: "a narrower type of a request",
    first: put(`${body} properties badge type`, "number"),
    edit: put(`${body} properties badge type`, "integer"),
  },
  {
    title: "a type where a request had any",
    first: remove(`${body} properties badge type`),
    edit: put(`${body} properties badge type`, "integer"),
  },
  { title: "fewer keys of a map of a request", edit: put(`${body} properties fcm propertyNames maxLength`, 5) },
  { title: "a map of a request that is closed", edit: put(`${body} properties fcm additionalProperties`, false) },
  {
    title: "no more keys in a map",
    edit: put(`${body} properties content properties data additionalProperties`, false),
  },
  {
    title: "an optional property of a request that is gone, since unknown ones are refused",
    edit: remove(`${body} properties badge`),
    told: `${inSend}, /badge: removed`,
  },
  {
    title: "a required property of a request",
    edit: all(put(`${body} properties why`, text), append(`${body} required`, "why")),
    told: `${inSend}, /why: added, required`,
  },
  {
    title: "a property of a request that becomes required",
    edit: append(`${body} required`, "priority"),
    told: `${inSend}, /priority: optional → required`,
  },
  {
    title: "a value that a request may no longer have",
    edit: without(`${body} properties pushType enum`, "voip"),
    told: `${inSend}, /pushType: value "voip" removed`,
  },
  { title: "a value of a request with another name", edit: put(`${body} properties priority enum 1`, "NORMAL") },
  { title: "a list of values where a request had any", edit: put(`${body} properties threadId enum`, ["a"]) },
  {
    title: "null that a request may no longer have",
    edit: remove(`${body} properties sound anyOf 1`),
    told: `${inSend}, /sound: may no longer be null`,
  },
  { title: "a form that a request may no longer have", edit: remove(`${body} properties to items anyOf 2`) },
  { title: "another default of a request", edit: put(`${body} properties priority default`, "LOW") },
  { title: "a default of a request that is gone", edit: remove(`${body} properties ttl default`) },
  { title: "a keyword that no rule knows", edit: put(`${body} properties to contains`, text) },
  // Parameters and bodies.
  {
    title: "a parameter that is gone",
    edit: remove(`${list} parameters status`),
    told: "GET /v1/PushNotifications, query parameter status: removed",
  },
  {
    title: "a required parameter",
    edit: append(`${list} parameters`, { in: "query", name: "why", required: true, schema: text }),
  },
  {
    title: "a parameter that becomes required",
    edit: put(`${list} parameters operationId required`, true),
    told: "GET /v1/PushNotifications, query parameter operationId: optional → required",
  },
  { title: "a value of a parameter", edit: without(`${list} parameters status schema enum`, "READ") },
  { title: "a parameter that is written otherwise", edit: put(`${list} parameters tags explode`, false) },
  {
    title: "a body that becomes required",
    edit: put(`${cancel} requestBody`, { ...textBody, required: true }),
    told: "POST /v1/PushNotifications/Operations/{operationId}/Cancel, request body: added, required",
  },
  { title: "a body that is no longer taken", edit: remove(`${app} requestBody`) },
  { title: "a media type that is no longer taken", edit: remove(`${send} requestBody content application/json`) },
  // Responses: less is promised, or more may come.
  {
    title: "a property of a response that is gone",
    edit: all(remove(`${operation} properties tags`), without(`${operation} required`, "tags")),
    told: `${inOperations}/tags: removed (Operation, which is in 3 places)`,
  },
  { title: "an optional property of a response that is gone", edit: remove(`${problem} properties operationId`) },
  {
    title: "a property of a response that may be missing",
    edit: without(`${operation} required`, "completedAt"),
    told: `${inOperations}/completedAt: required → optional (Operation, which is in 3 places)`,
  },
  {
    title: "a new value of a closed list of a response",
    edit: append(`${operation} properties status enum`, "PAUSED"),
    told: `${inOperations}/status: value "PAUSED" added (Operation, which is in 3 places)`,
  },
  {
    title: "a new value of a list that may be null",
    edit: append(`${attempt} properties blame anyOf 0 enum`, "weather"),
  },
  { title: "a list of values of a response that is gone", edit: remove(`${operation} properties status enum`) },
  { title: "a response that may be null", edit: put(`${attempt} properties token type`, ["string", "null"]) },
  { title: "a response that may be of another form", edit: append(`${attempt} properties httpStatus anyOf`, text) },
  { title: "another type of a response", edit: put(`${attempt} properties latencyMs type`, "number") },
  { title: "a number of a response that may be less", edit: put(`${attempt} properties latencyMs minimum`, -1) },
  { title: "a lower bound of a response that is gone", edit: remove(`${attempt} properties latencyMs minimum`) },
  { title: "a type of a response that is gone", edit: remove(`${problem} properties detail type`) },
  { title: "a format of a response that is gone", edit: remove(`${attempt} properties startedAt format`) },
  { title: "another pattern of a response", edit: put(`${attempt} properties startedAt pattern`, "^.+$") },
  { title: "other values of a map", edit: put(`${operation} properties tags additionalProperties type`, "number") },
  { title: "any values of a map of a response", edit: remove(`${operation} properties tags additionalProperties`) },
  {
    title: "a response that is gone",
    edit: remove(`${cancel} responses 409`),
    told: "POST /v1/PushNotifications/Operations/{operationId}/Cancel, response 409: removed",
  },
  {
    title: "a header of a response that is gone",
    edit: remove(`${send} responses 202 headers Location`),
    told: "POST /v1/PushNotifications, response 202, header Location: removed",
  },
  {
    title: "another type of a header",
    edit: put("components headers Location schema type", "integer"),
    told: "POST /v1/PushNotifications, response 202, header Location: type string → integer (header Location, which is in 2 places)",
  },
  {
    title: "a header of a shared response that is gone",
    edit: remove(`${limitReached} headers Cache-Control`),
    told: "POST /v1/PushNotifications/Credentials, response 422, header Cache-Control: removed (response limit-reached, which is in 2 places)",
  },
  {
    title: "an answer whose code may be missing",
    edit: without(`${problem} required`, "code"),
  },
  { title: "a media type of a response that is gone", edit: remove(`${send} responses 202 content application/json`) },
  // Operations.
  {
    title: "an operation that is gone",
    edit: remove(user),
    told: "DELETE /v1/PushNotifications/Users/{userId}: removed",
  },
  { title: "a path that is gone", edit: remove("paths /v1/Audit"), told: "GET /v1/Audit: removed" },
  {
    title: "another operationId, since clients are generated from it",
    edit: put(`${send} operationId`, "push"),
    told: "POST /v1/PushNotifications: operationId sendNotifications → push",
  },
  {
    title: "a path whose parameter has another name",
    edit: all(
      put(`${cancel} parameters operationId name`, "id"),
      rename(
        "paths /v1/PushNotifications/Operations/{operationId}/Cancel",
        "/v1/PushNotifications/Operations/{id}/Cancel",
      ),
    ),
    told: "/v1/PushNotifications/Operations/{operationId}/Cancel: renamed to /v1/PushNotifications/Operations/{id}/Cancel",
  },
  {
    title: "another scope that an operation wants",
    edit: put(`${send} security 0 basic 0`, "admin"),
    told: "POST /v1/PushNotifications: security basic send → basic admin",
  },
  {
    title: "one more scope that an operation wants",
    edit: append(`${send} security 0 basic`, "admin"),
    told: "POST /v1/PushNotifications: security basic send → basic admin send",
  },
  { title: "one way in less", edit: remove("paths /v1/Accounts get security 0") },
  {
    title: "an operation that is closed",
    edit: put("paths /healthz get security", [{ basic: [] }]),
    told: "GET /healthz: security open → basic",
  },
  { title: "another way in", edit: put("components securitySchemes basic scheme", "bearer") },
  { title: "something of the document that no rule knows", edit: put(`${send} callbacks`, { done: {} }) },
];
