import { ERROR_CATALOG } from "@fanfare/domain";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { pathTemplate } from "../src/openapi/path-template.js";
import type { Route } from "../src/route.js";
import { ALL_ROUTES } from "../src/routes.js";
import { type RunningApi, runApi } from "./support.js";

let api: RunningApi;

beforeAll(async () => {
  api = await runApi();
});
afterAll(() => api.close());

/** What a linter finds in a document. */
async function lint(document: object): Promise<string[]> {
  const config = await createConfig({
    extends: ["recommended-strict"],
    // Example hosts are replaced by where the caller reached the API; Express takes the path that says more.
    rules: { "no-server-example.com": "off", "no-ambiguous-paths": "off", "operation-description": "error" },
  });
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: "openapi.json", config });
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`);
}

const nameOf = ({ method, path }: Route) => `${method} ${pathTemplate(path)}`;

test("the document is OpenAPI 3.1, has every route, and a linter finds nothing in it", async () => {
  const { body } = await api.call("GET", "/openapi.json");
  expect(body.openapi).toMatch(/^3\.1/);
  const documented = Object.entries<object>(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(documented.sort()).toEqual(ALL_ROUTES.map(nameOf).sort());
  expect(await lint(body)).toEqual([]);
  body.paths["/healthz"].get.responses[200].content["application/json"].example.status = "ill";
  expect(await lint(body)).toEqual([
    expect.stringMatching(/^no-invalid-media-type-examples: .* at #\/paths\/~1healthz/),
  ]);
});

test("every error code is one that some operation documents, but for methods that it does not", async () => {
  const { body } = await api.call("GET", "/openapi.json");
  const responses = Object.values<ErrorResponse>(body.components.responses);
  const documented = responses.flatMap(
    ({ content }) => content["application/problem+json"].schema.allOf[1].properties.code.enum,
  );
  const all = Object.keys(ERROR_CATALOG).filter((code) => code !== "method-not-allowed");
  expect([...new Set(documented)].sort()).toEqual(all.sort());
  expect(body.components.schemas.Problem.properties.code.enum.sort()).toEqual(Object.keys(ERROR_CATALOG).sort());
});

interface ErrorResponse {
  content: {
    "application/problem+json": { schema: { allOf: [object, { properties: { code: { enum: string[] } } }] } };
  };
}

test("every body has an example, which is a request that its own route takes", () => {
  const withBody = ALL_ROUTES.filter(({ body }) => body);
  expect(withBody.length).toBeGreaterThan(5);
  for (const { operationId, body, example } of withBody) {
    expect([operationId, body?.safeParse(example).error?.issues]).toEqual([operationId, undefined]);
  }
});

test("its servers entry is where the caller reached it", async () => {
  const { body } = await api.call("GET", "/openapi.json");
  expect(body.servers).toEqual([{ url: api.url }]);
});

test("the viewer and all of its files come from here, under a policy that allows nothing else", async () => {
  const { authorization } = {
    authorization: `Basic ${Buffer.from(`${api.account.user}:${api.account.password}`).toString("base64")}`,
  };
  const page = await fetch(`${api.url}/docs`, { headers: { authorization } });
  expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
  const html = await page.text();
  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file as string);
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    expect(file).not.toMatch(/^(https?:)?\/\//);
    const res = await fetch(new URL(file, `${api.url}/docs`), { headers: { authorization } });
    expect([file, res.status]).toEqual([file, 200]);
    await res.arrayBuffer();
  }
});
