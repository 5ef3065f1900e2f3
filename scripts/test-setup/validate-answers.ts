// Holds every answer of the API that a test sees against the OpenAPI document, whoever asked for it, and remembers what is secret of it.
import { createOpenApiDocument, ROUTES } from "@fanfare/api";
import { createAnswerValidator } from "@fanfare/testkit";
import { noteExchange } from "./seen-secrets.js";

const validate = createAnswerValidator(createOpenApiDocument(ROUTES, "http://localhost"));
const plainFetch = globalThis.fetch;

/** A key in PEM form, in JSON or not. */
const PRIVATE_KEY = /PRIVATE KEY-----(\\[rn]|\s)*[A-Za-z0-9+/]{20}/;

globalThis.fetch = async (input, init) => {
  const res = await plainFetch(input, init);
  const { pathname } = new URL(input instanceof Request ? input.url : String(input));
  const contentType = res.headers.get("content-type");
  if (contentType?.startsWith("text/event-stream")) return res;
  const isOfApi = pathname.startsWith("/v1/");
  if (!isOfApi && res.ok) return res;
  const method = init?.method ?? "GET";
  const { status } = res;
  const body = await res.clone().text();
  const authorization = new Headers(init?.headers).get("authorization") ?? undefined;
  noteExchange({ authorization, sent: typeof init?.body === "string" ? init.body : undefined, status, got: body });
  if (!isOfApi) return res;
  const problem = validate({ method, path: pathname, status, contentType, body });
  if (problem) throw new Error(problem);
  if (PRIVATE_KEY.test(body)) throw new Error(`${method} ${pathname} answered with a private key.`);
  return res;
};
