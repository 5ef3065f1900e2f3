import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import {
  type Content,
  createOperationFinder,
  type DocumentedHeaders,
  follow,
  type OpenApiDocument,
  type Operation,
  type Place,
  type Placed,
} from "./openapi-document.js";

// ajv-formats is a CommonJS module: what it exports stands under `default` once more.
const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;

/** A request that somebody made, and its answer. */
export interface SeenExchange {
  method: string;
  /** Path of the request, without the query. */
  path: string;
  query?: URLSearchParams;
  /** Body of the request, as JSON. */
  sent?: string | undefined;
  status: number;
  headers: Headers;
  /** Body of the answer; absent: it is a stream, and nobody looks into it. */
  body: string | undefined;
}

/** Says what of an exchange the document does not describe; `undefined`: nothing. */
export type AnswerValidator = (exchange: SeenExchange) => string | undefined;

/** Headers that HTTP and browsers agree on. `allow` comes with every OPTIONS and 405, which the document describes as one. */
const UNDESCRIBED =
  /^(allow|connection|content-(length|security-policy|type)|cross-origin-(opener|resource)-policy|date|keep-alive|origin-agent-cluster|pragma|referrer-policy|transfer-encoding|x-content-type-options|x-dns-prefetch-control|x-download-options|x-frame-options|x-permitted-cross-domain-policies|x-xss-protection)$/;

/** Makes a validator of answers, and of requests that were taken, from an OpenAPI 3.1 document and what checks values against it. */
export function createAnswerValidator(source: object, problemOf = createSchemaCheck(source)): AnswerValidator {
  const document = source as OpenApiDocument;
  const find = createOperationFinder(document);

  function problemOfHeaders(described: DocumentedHeaders, headers: Headers, place: Place): string | undefined {
    const names = new Set(Object.keys(described).map((name) => name.toLowerCase()));
    const unknown = [...headers.keys()].find((name) => !names.has(name) && !UNDESCRIBED.test(name));
    if (unknown !== undefined) return `has the header ${unknown}, which is not documented`;
    for (const [name, reference] of Object.entries(described)) {
      const header = follow(document, reference, [...place, name]);
      const text = headers.get(name);
      if (text === null && header.value.required) return `has no header ${name}`;
      const problem = text !== null && problemOf([...header.place, "schema"], readValue(text, header.value.schema));
      if (problem) return `has a header ${name} that is not as documented: ${problem}: ${text}`;
    }
    return undefined;
  }

  function problemOfBody(content: Content, { headers, body = "" }: SeenExchange, place: Place): string | undefined {
    const mediaType = headers.get("content-type")?.split(";")[0] ?? "";
    if (Object.keys(content).length === 0) return body === "" ? undefined : `has a body: ${shorten(body)}`;
    if (!Object.hasOwn(content, mediaType))
      return `is not documented to be ${mediaType || "nothing"}: ${shorten(body)}`;
    const value = mediaType.endsWith("json") ? JSON.parse(body) : body;
    const problem = problemOf([...place, mediaType, "schema"], value);
    return problem && `is not as documented: ${problem}\n${shorten(body)}`;
  }

  function problemOfAnswer({ value: { responses }, place }: Placed<Operation>, exchange: SeenExchange) {
    const { method, status, headers, body } = exchange;
    const key = Object.hasOwn(responses, status) ? String(status) : "default";
    const described = responses[key];
    if (!described) return `is not documented: ${shorten(body)}`;
    const { value: response, place: at } = follow(document, described, [...place, "responses", key]);
    const problem = problemOfHeaders(response.headers ?? {}, headers, [...at, "headers"]);
    if (problem) return problem;
    if (method === "HEAD") return body ? `has a body: ${shorten(body)}` : undefined;
    return body === undefined ? undefined : problemOfBody(response.content ?? {}, exchange, [...at, "content"]);
  }

  /** A request that was taken although it is not as documented. */
  function problemOfRequest(
    { value, place }: Placed<Operation>,
    { query = new URLSearchParams(), sent }: SeenExchange,
  ) {
    const { parameters = [], requestBody, security } = value;
    // Whoever asks for health may put into the query what keeps caches away.
    if (security?.length === 0) return undefined;
    for (const [name, text] of query) {
      const index = parameters.findIndex((known) => known.in === "query" && known.name === nameOf(name));
      const schema = parameters[index]?.schema;
      if (!schema) return `took the parameter ${name}, which is not documented`;
      const given = schema.type === "object" ? { [name]: text } : readValue(text, schema);
      const problem = problemOf([...place, "parameters", String(index), "schema"], given);
      if (problem) return `took a parameter ${name} that is not as documented: ${problem}: ${text}`;
    }
    if (!sent || !requestBody) return undefined;
    const problem = problemOf([...place, "requestBody", "content", "application/json", "schema"], JSON.parse(sent));
    return problem && `took a body that is not as documented: ${problem}\n${shorten(sent)}`;
  }

  return (exchange) => {
    const { method, path, status, body } = exchange;
    // Every path answers to OPTIONS alike.
    if (method === "OPTIONS" && status === 204) return undefined;
    const operation = find(method, path);
    const said = `${method} ${operation?.place[1] ?? path} ${status}`;
    if (!operation) {
      if (status < 400) return `${said} is not in the document`;
      const problem =
        method === "HEAD" ? undefined : problemOf(["components", "schemas", "Problem"], JSON.parse(body ?? ""));
      return problem && `${said} is not a problem: ${problem}\n${shorten(body)}`;
    }
    const problem =
      problemOfAnswer(operation, exchange) ?? (status < 300 ? problemOfRequest(operation, exchange) : undefined);
    return problem && `${said} ${problem}`;
  };
}

/** Makes what checks a value against the schema at a place of the document, and says what is wrong with it. */
export function createSchemaCheck(document: object) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema(document, "openapi");
  const compiled = new Map<string, ValidateFunction>();
  return (place: Place, value: unknown): string | undefined => {
    const pointer = place.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi#/${pointer}` });
    compiled.set(pointer, validate);
    return validate(value) ? undefined : ajv.errorsText(validate.errors);
  };
}

/** Tags are the fields of one parameter. */
const nameOf = (name: string) => (name.startsWith("tag.") ? "tags" : name);

const readValue = (text: string, { type }: { type?: string }) => (type === "integer" ? Number(text) : text);

const shorten = (text = "") => text.slice(0, 1_000);
