import { EXAMPLE } from "@fanfare/domain";
import { sample } from "openapi-sampler";
import type { oas31 } from "zod-openapi";
import type { Route } from "../route.js";
import { exampleTarget } from "./example-target.js";
import { pathTemplate } from "./path-template.js";

/** Gives the answers of routes examples that are composed of those in their schemas, with what each answer has of its own. */
export function fillExamples(document: oas31.OpenAPIObject, routes: readonly Route[]): oas31.OpenAPIObject {
  for (const route of routes) {
    const operation = document.paths?.[pathTemplate(route.path)]?.[route.method];
    for (const { status } of route.answers) {
      const answer = operation?.responses?.[status] as oas31.ResponseObject | undefined;
      const media = answer?.content?.["application/json"];
      if (media?.schema) media.example = compose(sample(media.schema, { quiet: true }, document), media.example, route);
    }
  }
  return document;
}

function compose(sampled: unknown, own: unknown, route: Route): unknown {
  const example = { ...(sampled as object), ...(own as object | undefined) };
  if (!("pagination" in example)) return example;
  return { ...example, pagination: { next: null, self: `${EXAMPLE.baseUrl}${exampleTarget(route)}` } };
}
