// Holds every answer of the API that a test sees against the OpenAPI document, whoever asked for it, and remembers what is secret of it.
import { ALL_ROUTES, createOpenApiDocument } from "@fanfare/api";
import { createAnswerValidator, createSchemaCheck, type SeenExchange } from "@fanfare/testkit";
import { noteExchange } from "./seen-secrets.js";

const document = createOpenApiDocument(ALL_ROUTES);
const problemOf = createSchemaCheck(document);
const validate = createAnswerValidator(document, problemOf);
const plainFetch = globalThis.fetch;

/** A key in PEM form, in JSON or not. */
const PRIVATE_KEY = /PRIVATE KEY-----(\\[rn]|\s)*[A-Za-z0-9+/]{20}/;

/** Pages for browsers. */
const PAGES = /^\/(docs|admin)(\/|$)/;

/** Whether something of the API answered. Workers answer for their health at the same paths; only the API says which request it was. */
const isOfApi = ({ path, headers }: Pick<SeenExchange, "path" | "headers">) =>
  !PAGES.test(path) && (path.startsWith("/v1/") || headers.has("x-request-id"));

/** @throws Error when an exchange with the API is not as documented. */
export function checkExchange(exchange: SeenExchange): void {
  if (!isOfApi(exchange)) return;
  const { method, path, body = "" } = exchange;
  const problem = validate(exchange);
  if (problem) throw new Error(problem);
  if (PRIVATE_KEY.test(body)) throw new Error(`${method} ${path} answered with a private key.`);
}

globalThis.fetch = async (input, init) => {
  const res = await plainFetch(input, init);
  const { pathname: path, searchParams: query } = new URL(input instanceof Request ? input.url : String(input));
  const { status, headers } = res;
  const method = init?.method ?? "GET";
  const sent = typeof init?.body === "string" ? init.body : undefined;
  if (res.ok && !isOfApi({ path, headers })) return res;
  const isStream = headers.get("content-type")?.startsWith("text/event-stream");
  const body = isStream ? undefined : await res.clone().text();
  const authorization = new Headers(init?.headers).get("authorization") ?? undefined;
  noteExchange({ authorization, sent, status, got: body ?? "" });
  checkExchange({ method, path, query, sent, status, headers, body });
  return isStream && res.body ? new Response(res.body.pipeThrough(eventCheck(path)), { status, headers }) : res;
};

/** Lets events through that are operations as documented, and ends a stream at any other. */
function eventCheck(path: string): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  let rest = "";
  return new TransformStream({
    transform(bytes, controller) {
      const lines = `${rest}${decoder.decode(bytes, { stream: true })}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines.filter((each) => each.startsWith("data:"))) {
        const problem = problemOf(["components", "schemas", "Operation"], JSON.parse(line.slice("data:".length)));
        if (problem) throw new Error(`An event of ${path} is not as documented: ${problem}\n${line}`);
      }
      controller.enqueue(bytes);
    },
  });
}
