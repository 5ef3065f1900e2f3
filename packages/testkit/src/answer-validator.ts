import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";

// ajv-formats is a CommonJS module: what it exports stands under `default` once more.
const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;

interface ResponseObject {
  content?: Record<string, { schema?: object }>;
}

interface Operation {
  responses: Record<string, ResponseObject>;
}

/** An answer that somebody got. */
export interface SeenAnswer {
  method: string;
  /** Path of the request, without the query. */
  path: string;
  status: number;
  contentType: string | null;
  body: string;
}

/** Says what an answer has that the document does not describe; `undefined`: nothing. */
export type AnswerValidator = (answer: SeenAnswer) => string | undefined;

/** Makes a validator of answers from an OpenAPI 3.1 document. */
export function createAnswerValidator(document: object): AnswerValidator {
  const { paths } = document as { paths: Record<string, Record<string, Operation>> };
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema(document, "openapi");
  const compiled = new Map<string, ValidateFunction>();
  const patterns = Object.keys(paths).map((path) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    parameters: path.split("{").length,
  }));
  // Of two paths that fit the one with fewer parameters is meant.
  patterns.sort((a, b) => a.parameters - b.parameters);

  function validatorOf(pointer: string): ValidateFunction {
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi#${pointer}` });
    compiled.set(pointer, known);
    return known;
  }

  return ({ method, path, status, contentType, body }) => {
    const found = patterns.find(({ pattern }) => pattern.test(path))?.path;
    const verb = method === "HEAD" ? "get" : method.toLowerCase();
    const operation = found === undefined ? undefined : paths[found]?.[verb];
    const mediaType = contentType?.split(";")[0] ?? "";
    // Every path answers to OPTIONS alike.
    if (method === "OPTIONS" && status === 204) return undefined;
    // What is nowhere described is answered with an error.
    if (found === undefined || !operation)
      return status >= 400 ? undefined : `${method} ${path} is not in the document`;
    const response = operation.responses[String(status)];
    if (!response) return `${method} ${found} is not documented to answer ${status}: ${body.slice(0, 500)}`;
    if (method === "HEAD") return body === "" ? undefined : `${method} ${found} is answered with a body`;
    const media = response.content?.[mediaType];
    if (!media) return body === "" ? undefined : `${method} ${found} ${status} is not documented to be ${mediaType}`;
    if (!mediaType.endsWith("json")) return undefined;
    const pointer = [
      "",
      "paths",
      found,
      method.toLowerCase(),
      "responses",
      String(status),
      "content",
      mediaType,
      "schema",
    ];
    const validate = validatorOf(
      pointer.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/"),
    );
    if (validate(JSON.parse(body))) return undefined;
    return `${method} ${found} ${status} is not as documented: ${ajv.errorsText(validate.errors)}\n${body.slice(0, 1_000)}`;
  };
}
