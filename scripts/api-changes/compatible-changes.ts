import { all, append, copy, put, remove, without } from "./edit-document.js";
import type { PlantedChange } from "./planted-change.js";
import {
  app,
  attempt,
  body,
  cancel,
  codesOf,
  inLimitReached,
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

const finishedOrGone = "components responses finished-or-gone";

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
    edit: put(`${body} properties badge`, ({ description, examples, ...badge }: Record<string, unknown>) => ({
      ...{ description, examples },
      anyOf: [badge, { type: "null" }],
    })),
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
  {
    title: "a new code of an error",
    edit: all(append(`${problem} properties code enum`, "gone"), append(codesOf(limitReached), "gone")),
    told: `POST /v1/PushNotifications/Credentials, response 422, /code: value "gone" added (${inLimitReached})`,
  },
  {
    title: "a code that one answer may have more, in a component of its own",
    first: copy("components responses already-finished", finishedOrGone),
    edit: all(
      append(codesOf(finishedOrGone), "not-found"),
      put(`${cancel} responses 409`, { $ref: "#/components/responses/finished-or-gone" }),
    ),
    told: 'POST /v1/PushNotifications/Operations/{operationId}/Cancel, response 409, /code: value "not-found" added',
  },
  {
    title: "a code that no longer comes",
    edit: put(codesOf(limitReached), []),
    told: `POST /v1/PushNotifications/Credentials, response 422, /code: value "limit-reached" removed (${inLimitReached})`,
  },
  {
    title: "a code that comes with no answer any more",
    edit: without(`${problem} properties code enum`, "limit-reached"),
  },
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
    edit: put(`${user} responses 204 headers X-Id`, { required: true, schema: text }),
  },
  {
    title: "one more header of a shared response",
    edit: put(`${limitReached} headers Location`, { $ref: "#/components/headers/Location" }),
    told: `POST /v1/PushNotifications/Credentials, response 422, header Location: added, required (${inLimitReached})`,
  },
  { title: "a header that is always there", edit: put("components headers Accept-Encoding required", true) },
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
    told: "POST /v1/PushNotifications: security basic send → open",
  },
  { title: "a scope that is no longer wanted", edit: put(`${send} security`, [{ basic: [] }]) },
  { title: "one more way in", edit: append(`${send} security`, { basic: ["admin"] }) },
  {
    title: "a description",
    edit: put(`${send} description`, "Sends."),
    told: "POST /v1/PushNotifications: description changed",
  },
  { title: "a description of a field", edit: put(`${problem} properties code description`, "Says what.") },
  { title: "a description of a parameter", edit: put(`${list} parameters status description`, "One of them.") },
  { title: "an example", edit: put(`${send} requestBody content application/json example`, { to: [] }) },
  { title: "an example that several answers have", edit: put("components examples not-found value detail", "No.") },
  { title: "the words of a shared response", edit: put(`${limitReached} description`, "Too many.") },
  { title: "samples of code", edit: put(`${send} x-codeSamples`, [{ lang: "sh", source: "curl" }]) },
  { title: "an operation's tag", edit: put(`${send} tags`, ["Push"]) },
  { title: "a tag's description", edit: put("tags Send description", "Sends.") },
  {
    title: "a server",
    edit: put("servers 0 url", "https://fanfare.example.com"),
    told: "the document: servers changed",
  },
  { title: "the API's description", edit: put("info description", "Pushes.") },
  { title: "an operation that is deprecated", edit: put(`${send} deprecated`, true) },
];
