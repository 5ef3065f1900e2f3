// Holds every answer of the API that a test sees against the OpenAPI document, whoever asked for it.
import { createOpenApiDocument, ROUTES } from "@fanfare/api";
import { createAnswerValidator } from "@fanfare/testkit";

const validate = createAnswerValidator(createOpenApiDocument(ROUTES, "http://localhost"));
const plainFetch = globalThis.fetch;

/** A key in PEM form, in JSON or not. */
const PRIVATE_KEY = /PRIVATE KEY-----(\\[rn]|\s)*[A-Za-z0-9+/]{20}/;

globalThis.fetch = async (input, init) => {
  const res = await plainFetch(input, init);
  const { pathname } = new URL(input instanceof Request ? input.url : String(input));
  const contentType = res.headers.get("content-type");
  if (pathname.startsWith("/v1/") && !contentType?.startsWith("text/event-stream")) {
    const method = init?.method ?? "GET";
    const body = await res.clone().text();
    const problem = validate({ method, path: pathname, status: res.status, contentType, body });
    if (problem) throw new Error(problem);
    if (PRIVATE_KEY.test(body)) throw new Error(`${method} ${pathname} answered with a private key.`);
  }
  return res;
};
