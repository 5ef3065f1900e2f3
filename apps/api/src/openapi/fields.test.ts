import { createSchemaCheck } from "@fanfare/testkit";
import { ALL_ROUTES } from "../routes.js";
import { createOpenApiDocument } from "./document.js";

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document is looked into as it is
type Loose = any;

/** A schema or parameter of a document, and where it stands. */
interface Found {
  pointer: string;
  node: Loose;
  /** Whether it is a field or a parameter, rather than part of one. */
  isField: boolean;
}

const below = (pointer: string, ...names: (string | number)[]) =>
  [pointer, ...names.map((name) => String(name).replaceAll("~", "~0").replaceAll("/", "~1"))].join("/");

/** A schema and all schemas within it; what it refers to is found where it is declared. */
function schemasWithin(node: Loose, pointer: string, isField = false): Found[] {
  if (typeof node !== "object" || node === null) return [];
  const named = (keyword: string, areFields: boolean) =>
    Object.entries<Loose>(node[keyword] ?? {}).flatMap(([name, nested]) =>
      schemasWithin(nested, below(pointer, keyword, name), areFields),
    );
  const listed = ["anyOf", "oneOf", "allOf", "prefixItems"].flatMap((keyword) =>
    (node[keyword] ?? []).flatMap((nested: Loose, index: number) =>
      schemasWithin(nested, below(pointer, keyword, index)),
    ),
  );
  const single = ["items", "additionalProperties", "propertyNames"].flatMap((keyword) =>
    schemasWithin(node[keyword], below(pointer, keyword)),
  );
  return [{ pointer, node, isField }, ...named("properties", true), ...named("$defs", false), ...listed, ...single];
}

const mediaWithin = (content: Loose, pointer: string): Found[] =>
  Object.entries<Loose>(content ?? {}).flatMap(([type, { schema }]) =>
    schemasWithin(schema, below(pointer, "content", type, "schema")),
  );

const responsesWithin = (responses: Loose, pointer: string): Found[] =>
  Object.entries<Loose>(responses ?? {}).flatMap(([name, { content, headers = {} }]) => {
    const at = below(pointer, name);
    const fields = Object.entries<Loose>(headers).map(([header, node]) => ({
      ...{ pointer: below(at, "headers", header), node, isField: true },
    }));
    return [...fields, ...mediaWithin(content, at)];
  });

/** Every schema and parameter of a document. */
function partsOf(document: Loose): Found[] {
  const components = Object.entries<Loose>(document.components?.schemas ?? {}).flatMap(([name, schema]) =>
    schemasWithin(schema, below("", "components", "schemas", name)),
  );
  const operations = Object.entries<Loose>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Loose>(methods).flatMap(([method, operation]) => {
      const pointer = below("", "paths", path, method);
      const parameters = (operation.parameters ?? []).flatMap((node: Loose, index: number) => {
        const at = below(pointer, "parameters", index);
        return [{ pointer: at, node, isField: true }, ...schemasWithin(node.schema, below(at, "schema"))];
      });
      const answers = responsesWithin(operation.responses, below(pointer, "responses"));
      const body = mediaWithin(operation.requestBody?.content, below(pointer, "requestBody"));
      return [...parameters, ...body, ...answers];
    }),
  );
  const shared = responsesWithin(document.components?.responses, below("", "components", "responses"));
  return [...components, ...shared, ...operations];
}

function isDescribed(document: Loose, { description, $ref }: Loose): boolean {
  if (description || !$ref) return Boolean(description);
  const target = ($ref as string)
    .slice(2)
    .split("/")
    .reduce((node, name) => node?.[name], document);
  return isDescribed(document, target ?? {});
}

/** Where a field or parameter has no description. */
function undescribed(document: Loose): string[] {
  const fields = partsOf(document).filter(({ isField }) => isField);
  return fields.filter(({ node }) => !isDescribed(document, node)).map(({ pointer }) => pointer);
}

/** Where an example is not what its own schema takes. */
function wrongExamples(document: Loose): string[] {
  const problemOf = createSchemaCheck(document);
  return partsOf(document).flatMap(({ pointer, node }) => {
    if (!Array.isArray(node.examples)) return [];
    return (node.examples as unknown[]).flatMap((example, index) => {
      const problem = problemOf(namesIn(pointer), example);
      return problem ? [`${below(pointer, "examples", index)}: ${problem}`] : [];
    });
  });
}

const namesIn = (pointer: string) =>
  pointer
    .split("/")
    .slice(1)
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));

const document = createOpenApiDocument(ALL_ROUTES);

test("every field and parameter of the API has a description", () => {
  expect(partsOf(document).filter(({ isField }) => isField).length).toBeGreaterThan(300);
  expect(undescribed(document)).toEqual([]);
});

test("every example is one that its own schema takes", () => {
  expect(partsOf(document).filter(({ node }) => node.examples).length).toBeGreaterThan(200);
  expect(wrongExamples(document)).toEqual([]);
});

test("a field without a description, and an example that does not fit, are found wherever they are", () => {
  const bad = { type: "integer", examples: [1, "one"] };
  const parameters = [{ name: "q", in: "query", schema: bad }];
  const one = {
    type: "object",
    properties: { "a/b": { type: "array", description: "Said.", items: { anyOf: [bad] } } },
  };
  const other = {
    properties: { said: { $ref: "#/components/schemas/Said" }, not: { $ref: "#/components/schemas/Not" } },
  };
  const content = { "application/json": { schema: { additionalProperties: other } } };
  const broken = {
    paths: {
      "/x": { get: { parameters, requestBody: { content }, responses: { 200: { headers: { H: {} }, content } } } },
    },
    components: { schemas: { Said: { description: "Said.", ...one }, Not: {} } },
  };
  const within = "content/application~1json/schema/additionalProperties/properties/not";
  expect(undescribed(broken)).toEqual([
    "/paths/~1x/get/parameters/0",
    `/paths/~1x/get/requestBody/${within}`,
    "/paths/~1x/get/responses/200/headers/H",
    `/paths/~1x/get/responses/200/${within}`,
  ]);
  expect(wrongExamples(broken)).toEqual([
    "/components/schemas/Said/properties/a~1b/items/anyOf/0/examples/1: data must be integer",
    "/paths/~1x/get/parameters/0/schema/examples/1: data must be integer",
  ]);
});
