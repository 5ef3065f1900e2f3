import { createConfig, lintFromString } from "@redocly/openapi-core";
import { ALL_ROUTES } from "../src/routes.js";
import { type RunningApi, runApi } from "./support.js";

let api: RunningApi;

beforeAll(async () => {
  api = await runApi();
});
afterAll(() => api.close());

test("the document is OpenAPI 3.1, has every route, and a linter finds nothing in it", async () => {
  const { body } = await api.call("GET", "/openapi.json");
  expect(body.openapi).toMatch(/^3\.1/);
  const documented = Object.entries<object>(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  const routed = ALL_ROUTES.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  expect(documented.sort()).toEqual(routed.sort());
  const config = await createConfig({
    extends: ["recommended"],
    rules: { "no-server-example.com": "off", "no-ambiguous-paths": "off" },
  });
  const problems = await lintFromString({ source: JSON.stringify(body), absoluteRef: "openapi.json", config });
  expect(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`)).toEqual(
    [],
  );
});

test("each example is a request that its own route takes", () => {
  const examples = ALL_ROUTES.filter(({ example }) => example);
  expect(examples.length).toBeGreaterThan(2);
  for (const { operationId, body, example } of examples) {
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
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) {
    expect(file).not.toMatch(/^(https?:)?\/\//);
    const res = await fetch(new URL(file, `${api.url}/docs`), { headers: { authorization } });
    expect([file, res.status]).toEqual([file, 200]);
    await res.arrayBuffer();
  }
});
