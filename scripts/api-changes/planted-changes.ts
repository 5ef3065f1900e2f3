// One change of the API a row, what it means to those who call it, and of some how it is told.
import { all, append, type Edit, put, remove, rename, without } from "./edit-document.js";

export interface PlantedChange {
  title: string;
  /** What the API was like before, where that is not what was released. */
  first?: Edit;
  edit: Edit;
  /** The whole sentence. */
  told?: string;
}

const send = "paths /v1/PushNotifications post";
const body = `${send} requestBody content application/json schema`;
const list = "paths /v1/PushNotifications get";
const app = "paths /v1/PushNotifications/Apps/{appName} patch";
const user = "paths /v1/PushNotifications/Users/{userId} delete";
const cancel = "paths /v1/PushNotifications/Operations/{operationId}/Cancel post";
const operation = "components schemas Operation";
const attempt = "components schemas Attempt";
const problem = "components schemas Problem";
const text = { type: "string" };
const textBody = { content: { "application/json": { schema: { type: "object", properties: { why: text } } } } };
const inSend = "POST /v1/PushNotifications, request body";
const inOperations = "GET /v1/PushNotifications/Operations, response 200, /operations/*";

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
  { title: "a list of values of a response that is gone", edit: remove(`${problem} properties code enum`) },
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
  { title: "another type of a header", edit: put(`${send} responses 202 headers Location schema type`, "integer") },
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
  { title: "another way in", edit: put("components securitySchemes basic scheme", "bearer") },
  { title: "something of the document that no rule knows", edit: put(`${send} callbacks`, { done: {} }) },
];

/** Changes after which every caller that was right still is. */
export const COMPATIBLE: PlantedChange[] = [
  // Requests: more is taken, or less is asked for.
  {
    title: "a length of a request that may be more",
    edit: put(`${body} properties content properties title maxLength`, 10_000),
    told: `${inSend}, /content/title: maxLength 4096 → 10000`,
  },
  { title: "a bound of a request that is gone", edit: remove(`${body} properties badge maximum`) },
  { title: "a pattern of a parameter that is gone", edit: remove(`${app} parameters appName schema pattern`) },
  { title: "a wider type of a request", edit: put(`${body} properties badge type`, "number") },
  {
    title: "an optional property of a request",
    edit: put(`${body} properties why`, text),
    told: `${inSend}, /why: added, optional`,
  },
  { title: "a property of a request that becomes optional", edit: without(`${body} required`, "to") },
  { title: "a new value of a request", edit: append(`${body} properties priority enum`, "NORMAL") },
  { title: "any value where a request had a list", edit: remove(`${body} properties pushType enum`) },
  {
    title: "any value where a request had one",
    edit: remove(`${app} requestBody content application/json schema properties isDefault const`),
  },
  {
    title: "null that a request may have, in one way of writing it",
    edit: put(`${body} properties badge type`, ["integer", "null"]),
    told: `${inSend}, /badge: may also be null`,
  },
  {
    title: "null that a request may have, in the other way",
    edit: put(`${body} properties badge`, (badge: object) => ({ anyOf: [badge, { type: "null" }] })),
    told: `${inSend}, /badge: may also be null`,
  },
  { title: "a new form of a request", edit: append(`${body} properties to items anyOf`, text) },
  { title: "a default of a request where none was said", edit: put(`${body} properties badge default`, 0) },
  { title: "other properties of a request", edit: put(`${body} additionalProperties`, text) },
  { title: "a request that is open", edit: remove(`${body} additionalProperties`) },
  { title: "an optional parameter", edit: append(`${list} parameters`, { in: "query", name: "why", schema: text }) },
  { title: "an optional body", edit: put(`${cancel} requestBody`, textBody) },
  { title: "a body that becomes optional", edit: put(`${app} requestBody required`, false) },
  { title: "one more media type that is taken", edit: put(`${send} requestBody content text/json`, { schema: text }) },
  // Responses: more is promised.
  {
    title: "a required property of a response",
    edit: all(put(`${operation} properties why`, text), append(`${operation} required`, "why")),
    told: `${inOperations}/why: added, required (Operation, which is in 3 places)`,
  },
  { title: "an optional property of a response", edit: put(`${operation} properties why`, text) },
  { title: "a property of a response that is always there", edit: append(`${problem} required`, "errors") },
  { title: "a value that no longer comes", edit: without(`${operation} properties status enum`, "SCHEDULED") },
  { title: "a new code of an error", edit: append(`${problem} properties code enum`, "gone") },
  { title: "a new code of a field", edit: append(`${problem} properties errors items properties code enum`, "odd") },
  { title: "a response that is never null any more", edit: put(`${attempt} properties detail type`, "string") },
  { title: "a narrower type of a response", edit: put(`${problem} properties status maximum`, 599) },
  { title: "a response that is open", edit: remove(`${operation} additionalProperties`) },
  {
    title: "a schema that contains itself",
    edit: put(`${operation} properties parent`, { $ref: "#/components/schemas/Operation" }),
  },
  { title: "one more response", edit: put(`${user} responses 409`, { description: "In use" }) },
  {
    title: "one more header",
    edit: put(`${user} responses 204 headers`, { "X-Id": { required: true, schema: text } }),
  },
  { title: "a header that is always there", edit: put(`${send} responses 202 headers Location required`, true) },
  {
    title: "one more media type of a response",
    edit: put(`${send} responses 202 content text/plain`, { schema: text }),
  },
  // Operations, and what is for people.
  {
    title: "one more path",
    edit: put("paths /v2", { get: { operationId: "v2", responses: {} } }),
    told: "GET /v2: added",
  },
  {
    title: "one more method",
    edit: put("paths /v1/Audit post", { operationId: "v2", responses: {} }),
    told: "POST /v1/Audit: added",
  },
  {
    title: "an operation that is open",
    edit: put(`${send} security`, []),
    told: "POST /v1/PushNotifications: security basic → open",
  },
  {
    title: "a description",
    edit: put(`${send} description`, "Sends."),
    told: "POST /v1/PushNotifications: description changed",
  },
  { title: "a description of a field", edit: put(`${problem} properties code description`, "Says what.") },
  { title: "a description of a parameter", edit: put(`${list} parameters status description`, "One of them.") },
  { title: "an example", edit: put(`${send} requestBody content application/json example`, { to: [] }) },
  { title: "samples of code", edit: put(`${send} x-codeSamples`, [{ lang: "sh", source: "curl" }]) },
  { title: "an operation's tag", edit: put(`${send} tags`, ["Push"]) },
  { title: "a tag's description", edit: put("tags Send description", "Sends.") },
  { title: "a server", edit: put("servers 0 url", "https://push.example.com"), told: "the document: servers changed" },
  { title: "the API's description", edit: put("info description", "Pushes.") },
  { title: "an operation that is deprecated", edit: put(`${send} deprecated`, true) },
];
