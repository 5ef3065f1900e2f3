import { createAnswerValidator, type SeenExchange } from "./answer-validator.js";

const requestId = { $ref: "#/components/headers/X-Request-Id" };
const problemOf = (...codes: string[]) => ({
  headers: {
    "X-Request-Id": requestId,
    "Retry-After": { required: codes.includes("busy"), schema: { type: "integer" } },
  },
  content: {
    "application/problem+json": {
      schema: { allOf: [{ $ref: "#/components/schemas/Problem" }, { properties: { code: { enum: codes } } }] },
    },
  },
});

const validate = createAnswerValidator({
  paths: {
    "/things": {
      post: {
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } } },
        responses: {
          204: { headers: { "X-Request-Id": requestId } },
          503: problemOf("busy"),
          default: problemOf("odd"),
        },
      },
    },
    "/things/{id}": {
      get: {
        parameters: [
          { name: "size", in: "query", schema: { type: "integer", maximum: 9 } },
          { name: "tags", in: "query", schema: { type: "object", additionalProperties: { maxLength: 3 } } },
        ],
        responses: {
          200: {
            headers: { "X-Request-Id": requestId },
            content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } },
          },
          404: { $ref: "#/components/responses/not-found" },
        },
      },
    },
    "/things/all": { get: { responses: { 200: { content: { "text/plain": { schema: {} } } } } } },
  },
  components: {
    responses: { "not-found": problemOf("not-found") },
    headers: { "X-Request-Id": { required: true, schema: { type: "string", format: "uuid" } } },
    schemas: {
      Thing: {
        type: "object",
        required: ["name"],
        properties: { name: { type: "string" } },
        additionalProperties: false,
      },
      Problem: { type: "object", required: ["code"], properties: { code: { type: "string" } } },
    },
  },
});

const ID = "6ce1c5a6-0a3a-4a7e-9b63-6a2c5ab7a1a0";
const JSON_TYPE = { "x-request-id": ID, "content-type": "application/json; charset=utf-8" };
const PROBLEM = { "x-request-id": ID, "content-type": "application/problem+json" };

interface Planted extends Partial<Omit<SeenExchange, "headers" | "query">> {
  headers?: Record<string, string>;
  query?: string;
}

const said = ({ headers = JSON_TYPE, query, ...exchange }: Planted) =>
  validate({
    ...{ method: "GET", path: "/things/1", status: 200, body: '{"name":"a"}' },
    ...exchange,
    headers: new Headers(headers),
    ...(query !== undefined && { query: new URLSearchParams(query) }),
  });

test.each<[string, Planted]>([
  ["an answer", {}],
  ["in another case, with a slash at the end", { path: "/Things/1/" }],
  ["parameters", { query: "size=9&tag.a=b" }],
  ["HEAD", { method: "HEAD", body: "" }],
  [
    "an answer without a body",
    { method: "POST", path: "/things", status: 204, body: "", sent: '{"name":"a"}', headers: { "x-request-id": ID } },
  ],
  ["an error", { status: 404, headers: PROBLEM, body: '{"code":"not-found"}' }],
  ["an error of all", { method: "POST", path: "/things", status: 417, headers: PROBLEM, body: '{"code":"odd"}' }],
  ["an error where there is nothing", { path: "/nothing", status: 404, headers: PROBLEM, body: '{"code":"x"}' }],
  ["OPTIONS", { method: "OPTIONS", status: 204, body: "", headers: {} }],
  ["a stream that nobody looks into", { body: undefined }],
])("takes what is documented: %s", (_what, exchange) => {
  expect(said(exchange)).toBeUndefined();
});

test.each<[string, Planted, RegExp]>([
  ["a field more", { body: '{"name":"a","more":1}' }, /^GET \/things\/\{id\} 200 is not as documented: .*additional/],
  ["a field less", { body: "{}" }, /must have required property 'name'/],
  ["a field of another type", { body: '{"name":1}' }, /name must be string/],
  [
    "a body where there is none",
    { method: "POST", path: "/things", status: 204, body: "x" },
    /^POST \/things 204 has a body: x/,
  ],
  ["no body", { body: "", headers: { "x-request-id": ID } }, /not documented to be nothing/],
  ["another media type", { headers: { ...JSON_TYPE, "content-type": "text/html" } }, /not documented to be text\/html/],
  ["another status", { status: 201 }, /^GET \/things\/\{id\} 201 is not documented/],
  ["a header less", { headers: { "content-type": "application/json" } }, /has no header X-Request-Id/],
  [
    "a header of another form",
    { headers: { ...JSON_TYPE, "x-request-id": "1" } },
    /X-Request-Id that is not as documented: .*uuid/,
  ],
  ["a header more", { headers: { ...JSON_TYPE, "x-more": "1" } }, /has the header x-more, which is not documented/],
  [
    "an error without when to come back",
    { method: "POST", path: "/things", status: 503, headers: PROBLEM, body: '{"code":"busy"}' },
    /has no header Retry-After/,
  ],
  [
    "a time to come back that is none",
    {
      method: "POST",
      path: "/things",
      status: 503,
      headers: { ...PROBLEM, "retry-after": "soon" },
      body: '{"code":"busy"}',
    },
    /Retry-After that is not as documented/,
  ],
  [
    "a code of another route",
    { status: 404, headers: PROBLEM, body: '{"code":"odd"}' },
    /code must be equal to one of the allowed values/,
  ],
  [
    "a code of another status",
    { method: "POST", path: "/things", status: 418, headers: PROBLEM, body: '{"code":"busy"}' },
    /^POST \/things 418 .*allowed values/,
  ],
  ["an operation that is not there", { path: "/nothing" }, /^GET \/nothing 200 is not in the document/],
  ["an error that is no problem", { path: "/nothing", status: 404, body: "{}" }, /is not a problem/],
  ["a body of HEAD", { method: "HEAD" }, /has a body/],
  ["a parameter that it took", { query: "other=1" }, /took the parameter other, which is not documented/],
  ["a parameter of another form that it took", { query: "size=10" }, /took a parameter size that is not as documented/],
  ["a tag of another form that it took", { query: "tag.a=long" }, /took a parameter tag\.a that is not as documented/],
  [
    "a body that it took",
    { method: "POST", path: "/things", status: 204, body: "", headers: { "x-request-id": ID }, sent: "{}" },
    /took a body that is not as documented/,
  ],
])("says of what is planted what is not documented: %s", (_what, exchange, problem) => {
  expect(said(exchange)).toMatch(problem);
});

test("of two paths that fit the one without a parameter is meant", () => {
  expect(said({ path: "/things/all", headers: { "content-type": "text/plain" }, body: "all" })).toBeUndefined();
});
